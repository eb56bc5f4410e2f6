/*
 * A worker turns one event loop on a thread of its own, from its first connection to the end of its
 * drain: it obeys commands, sweeps, closes its listeners, and tells everybody in the loop when
 * their moment has come.
 *
 * Its end: once draining, it is finished when no connection is open, no job is in the cage, and no
 * coroutine is left: those of a large run that was cancelled may outlive its request.
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
    int ended_fd;          /* an eventfd, which counts the workers that have ended */
    uv_prepare_t iterated; /* where an iteration's work is done and the wait for events begins */
    int64_t iterated_at_ns;
    uint64_t idle_ns; /* spent waiting for events so far, by libuv's account */
    uv_timer_t sweep;
    uv_timer_t leave;    /* of the ports, while draining */
    uv_timer_t deadline; /* of the drain */
    atomic_int command;
    enum command obeyed; /* the command that has been carried out */
};

/* Prepares the loop, on the main thread; listener_add() comes next. `log` is NULL when the log is
   off. Returns 0 or a negative libuv error, after which the process can only end. */
int worker_init(struct worker *worker, struct shared *shared, int index, int ended_fd);

/* Starts the thread, from the main one. Returns 0 or an errno. */
int worker_start(struct worker *worker);

/* The two that a started thread consists of, for whoever turns a loop on a thread of his own: what
   comes before its first iteration, and all of them until it is told to end and has ended. */
void worker_enter(void);
void worker_finish(struct worker *worker);

/* From any thread, any number of times. */
void worker_tell(struct worker *worker, enum command command);
