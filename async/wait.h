/*
 * A step's begin and end, and what every awaitable does first: it arms the wait that the await then
 * parks on.
 */
#pragma once

#include "async/task.h"

/* `co` runs; what it had armed before and did not await is dropped. */
struct co_wait co_arm(struct co *co, enum co_waiting wait);

/* The same for children, side by side from `first` on. They begin one after another from the ready
   queue; with a stride of 0 it is one that begins at once. */
struct co_wait co_arm_children(struct co *parent, enum co_waiting wait, co_body *body,
                               struct co *first, size_t stride_bytes, uint32_t count);

/* Less than CO_NEVER, which would mean that there is no deadline. */
static inline int64_t co_deadline_ns(const struct co_loop *loop, int64_t duration_ns)
{
    bool beyond = duration_ns > CO_NEVER - 1 - loop->now_ns;
    return beyond ? CO_NEVER - 1 : loop->now_ns + duration_ns;
}

/* Into the sleep queue, or for no time into the ready queue. Its `wait` says which. */
static inline void co_enqueue_for(struct co *co, int64_t duration_ns)
{
    if (duration_ns > 0) {
        struct co_loop *loop = co->scope->loop;
        queue_stamp(loop, &co->place, co_deadline_ns(loop, duration_ns));
        sleep_queue_add(&co->scope->coroutines.sleeping, &co->place, duration_ns);
    } else {
        co_make_ready(co);
    }
}
