/*
 * A clock that jumps from deadline to deadline: an hour of sleeps takes no time, and each run of a
 * test sees the same nanoseconds.
 */
#pragma once

#include "async/async.h"

#define MS INT64_C(1000000)

/* One step, at the first moment at which there is one to take. False: nothing
   is left to wait for. */
static inline bool virtual_clock_step(struct co_loop *loop)
{
    int64_t next_ns = co_loop_next_ns(loop);
    if (next_ns == CO_NEVER)
        return false;
    return co_loop_step(loop, next_ns > loop->now_ns ? next_ns : loop->now_ns);
}

/* To the end of all coroutines; returns how many steps that took. */
static inline uint64_t virtual_clock_run(struct co_loop *loop)
{
    uint64_t steps = 0;
    while (virtual_clock_step(loop))
        steps++;
    return steps;
}

/* For co_loop_init(): time.sleep() that takes exactly as long as it should. */
static inline int64_t virtual_clock_block_until(struct co_loop *loop, int64_t until_ns)
{
    (void)loop;
    return until_ns;
}

/* What must hold whenever all coroutines have ended or been cancelled. */
static inline bool virtual_clock_is_idle(const struct co_loop *loop)
{
    return loop->live == 0 && co_loop_next_ns(loop) == CO_NEVER;
}
