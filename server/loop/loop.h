/*
 * What one event loop has: a libuv loop, libh2o's context, the await runtime, its connections and
 * what it is showing. A record, for all rooms above to read; worker.c runs it.
 *
 * Owner: struct worker embeds it. Thread: the loop's own, but for loop_notify().
 */
#pragma once

#include "async/uv.h"
#include "server/base/mailbox.h"
#include "server/loop/connections.h"
#include "server/loop/quick_stream.h"
#include "server/loop/shared.h"
#include "server/telemetry/trace.h"
#include <pthread.h>

struct engine;
struct tape;

struct loop {
    struct shared *shared;
    const struct config *config; /* shared->config */
    struct log_buffer *log;      /* NULL: the log is off */
    struct metrics *metrics;     /* this loop's, of shared->metrics */
    uv_loop_t uv;
    struct co_uv co_uv; /* this loop's coroutines */
    h2o_context_t h2o;
    h2o_accept_ctx_t accept; /* what libh2o wants for each new connection */
    struct engine *http2;    /* what its HTTP/2 connections share */
    struct connections connections;
    struct quick_streams streams;
    struct id_source ids;
    h2o_iovec_t metrics_page; /* of this iteration, shared with libh2o's requests; or NULL */
    bool draining;            /* told to finish what runs */
    bool killing;             /* the drain's time is over: what is still open is cut off */

    struct link showings;  /* struct showing: taken on and not answered */
    struct link has_news;  /* those of them whose live view has something new to send */
    struct link not_begun; /* struct hosted: runs that have just been started here */
    struct link caged;     /* struct hosted: runs that are in the cage */
    int64_t jobs_out;      /* jobs that the cage has */

    struct tape *tape;     /* what the recorder is told of this loop's runs; NULL: nothing */
    struct mailbox inbox;  /* the recorder's letters */
    int64_t letters_out;   /* that it has, and will send back */
    uv_timer_t tape_timer; /* runs while something is noted and not handed over */

    uv_async_t notified;  /* loop_notify() was called */
    pthread_mutex_t lock; /* guards what follows */
    struct link returned; /* struct job: back from the cage */
    bool ended;           /* `notified` is closed, or about to be */
};

/* Makes the loop look at what it was told, and at the cage's jobs. Does nothing to one that has
   ended. Thread: any. */
void loop_notify(struct loop *loop);

/* Puts a letter in its inbox. The loop must have one to come back. Thread: any. */
void loop_post(struct loop *loop, struct letter *letter);

/* The loop that libh2o's request belongs to. */
static inline struct loop *loop_of(h2o_req_t *req)
{
    return H2O_STRUCT_FROM_MEMBER(struct loop, h2o, req->conn->ctx);
}
