/*
 * Drives a co_loop from a libuv loop, the only place where the two meet.
 *
 * Once in each iteration of the libuv loop, after its I/O, coroutines that are due go on until none
 * is or the slice is over, so a request of a million tasks never keeps the loop from its sockets
 * for longer than a slice. The next deadline is set in a timerfd: nanoseconds, where uv_timer_t
 * counts cached milliseconds and fires early (docs/decisions/0003-timerfd.md).
 *
 * Owner: the loop thread embeds it and keeps it until co_uv_close()'s handles are closed.
 * Thread: the libuv loop's, for every call.
 */
#pragma once

#include "async/async.h"
#include <uv.h>

struct co_uv {
    struct co_loop loop;
    /* Called after each step of an iteration; may start coroutines. May be NULL. */
    void (*after_step)(struct co_uv *co_uv);
    /* Called after each iteration in which coroutines ran. May be NULL. */
    void (*after_iteration)(struct co_uv *co_uv);
    int timer_fd;
    uv_poll_t timer;
    uv_check_t check; /* its callback runs once in each iteration, after I/O */
    uv_idle_t idle;   /* active while coroutines are ready: libuv then does not wait for I/O */
    int64_t armed_ns; /* what the timer is set to, or CO_NEVER */
    bool fired;       /* the timer has fired and was not set again */
    bool ran;         /* coroutines ran in this iteration; co_scope_step()'s callers set it too */
};

/* Returns 0 or a negative libuv error; then nothing is left open. The hooks are set afterwards. */
int co_uv_init(struct co_uv *co_uv, uv_loop_t *uv);

/* Call it after co_start() or co_cancel(), so that libuv does not wait for I/O first. */
void co_uv_wake(struct co_uv *co_uv);

/* Closes the handles; they are gone once the libuv loop has run. No coroutine may be left. */
void co_uv_close(struct co_uv *co_uv);
