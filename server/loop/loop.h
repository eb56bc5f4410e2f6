/*
 * One event-loop thread: a libuv loop, libh2o's context, the await runtime, listeners, connections
 * and the requests in flight. Everything in it belongs to its own thread; others only tell it
 * something, through loop_tell() and loop_notify().
 *
 * Its end: once draining, it is finished when no connection is open, no job is in the cage, and no
 * coroutine is left: those of a large run that was cancelled may outlive its request.
 */
#pragma once

#include "async/uv.h"
#include "server/loop/connection.h"
#include "server/loop/headroom.h"
#include "server/server.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/trace.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#define LISTENERS 32 /* of one thread */

struct listener {
    uv_poll_t poll;
    struct loop *loop;
    struct port port;
    bool is_open;
};

/* What a loop thread is told from outside; only ever goes up. */
enum command {
    COMMAND_SERVE,
    COMMAND_DRAIN, /* finish what runs, up to drain_timeout */
    COMMAND_STOP,  /* answer what runs with 503, now */
};

struct loop {
    struct server *server;
    pthread_t thread;
    uv_loop_t uv;
    struct co_uv co_uv;
    h2o_context_t h2o;
    h2o_accept_ctx_t accept;
    struct listener listeners[LISTENERS];
    int listener_count;
    bool accepting;
    struct headroom headroom;
    struct connections connections;
    struct quick_streams streams;
    struct link showings;  /* struct showing: taken on and not answered */
    struct link not_begun; /* those of them that have not begun */
    struct link caged;     /* those of them whose run is in the cage */
    struct link has_news;  /* those whose live view has something new to send */
    struct metrics metrics;
    struct id_source ids;
    struct log_buffer *log;
    uv_prepare_t turn_end; /* where a turn's work is done and the wait for events begins */
    int64_t turn_end_ns;
    uint64_t idle_ns; /* spent waiting for events so far, by libuv's account */
    uv_timer_t sweep;
    uv_timer_t handover; /* of the port, while draining */
    uv_timer_t deadline; /* of the drain */
    uv_async_t notified;
    atomic_int command;
    enum command obeyed;  /* the command that has been carried out */
    bool killing;         /* the deadline has passed: what is still open is cut off */
    pthread_mutex_t lock; /* guards the next two */
    struct link returned; /* jobs that came back from the cage */
    bool ended;           /* `notified` is closed, or about to be */
    int64_t jobs_out;
};

/* Prepares the loop, on the main thread; listener_add() comes next. `log` is NULL when the log is
   off. Returns 0 or a negative libuv error, after which the process can only end. */
int loop_init(struct loop *loop, struct server *server, struct log_buffer *log);

/* Starts the thread. Returns 0 or an errno. Its end is counted in server->loops_done_fd. */
int loop_start(struct loop *loop);

/* The two that a started thread consists of, for who turns a loop on a thread of his own: what
   comes before its first turn, and all turns until it is told to end and has ended. */
void loop_enter(void);
void loop_finish(struct loop *loop);

/* Any thread, any number of times. */
void loop_tell(struct loop *loop, enum command command);

/* Any thread: have a look at the cage's jobs, something was said or one came back. */
void loop_notify(struct loop *loop);

/* The loop thread that libh2o's request belongs to. */
static inline struct loop *loop_of(h2o_req_t *req)
{
    return H2O_STRUCT_FROM_MEMBER(struct loop, h2o, req->conn->ctx);
}
