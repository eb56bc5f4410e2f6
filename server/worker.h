/*
 * A worker runs one event loop on a thread of its own, from its first connection to the end of its
 * drain: it obeys commands, sweeps, closes its listeners, and tells everybody in the loop when
 * their moment has come.
 *
 * Its end: once draining, it is finished when no connection is open, no job is in the cage, and no
 * coroutine is left: those of a large run that was cancelled may outlive its request. Operators'
 * connections do not count; they are closed last.
 *
 * Owner: struct server has them all. Thread: each function says which.
 */
#pragma once

#include "server/accept/listener.h"

/* What a worker is told from outside; only ever goes up. */
enum command {
    COMMAND_SERVE,
    COMMAND_DRAIN, /* finish what runs, up to drain_timeout */
    COMMAND_STOP,  /* answer what runs with 503, now */
};

struct worker {
    struct loop loop;
    struct listeners listeners;
    pthread_t thread;
    int ended_fd;           /* an eventfd, which counts the workers that have ended */
    uv_prepare_t iterated;  /* calls when an iteration's work is done, before it waits for events */
    int64_t iterated_at_ns; /* when it called last; 0: never */
    uint64_t idle_ns;       /* spent waiting for events by then, by libuv's account */
    uv_timer_t sweep;       /* looks for slow clients, again and again */
    uv_timer_t leave;       /* draining: closes the ports */
    uv_timer_t deadline;    /* draining: ends what still runs */
    atomic_int command;     /* enum command: the last that it was told */
    enum command obeyed;    /* the command that has been carried out */
};

/* Prepares the loop, on the main thread; listener_add() comes next. `log` is NULL when the log is
   off. Returns 0 or a negative libuv error, after which the process can only end. */
int worker_init(struct worker *worker, struct shared *shared, int index, int ended_fd);

/* Starts the thread, from the main one. Returns 0 or an errno. */
int worker_start(struct worker *worker);

/* What a started thread calls before it hands over its log and tells of its end; whoever runs a
   loop on another thread calls them himself. The first comes before any iteration; the second
   returns when the worker was told to end and has ended. */
void worker_enter(void);
void worker_finish(struct worker *worker);

/* From any thread, any number of times. */
void worker_tell(struct worker *worker, enum command command);
