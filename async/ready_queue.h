/*
 * The ready queue: coroutines that can go on, first come, first served. Intrusive and doubly
 * linked, so that a cancelled one leaves from the middle in O(1). Thread: the loop's.
 */
#pragma once

#include "async/async.h"

/* `co` is in no queue. It is ready since the time of the current step. */
static inline void ready_queue_add(struct co_loop *loop, struct co *co)
{
    co->due_ns = loop->now_ns;
    co->order = loop->order++;
    co->previous = loop->ready_last;
    co->next = NULL;
    if (loop->ready_last != NULL)
        loop->ready_last->next = co;
    else
        loop->ready_first = co;
    loop->ready_last = co;
}

static inline void ready_queue_remove(struct co_loop *loop, struct co *co)
{
    if (co->previous != NULL)
        co->previous->next = co->next;
    else
        loop->ready_first = co->next;
    if (co->next != NULL)
        co->next->previous = co->previous;
    else
        loop->ready_last = co->previous;
    co->previous = NULL;
    co->next = NULL;
}
