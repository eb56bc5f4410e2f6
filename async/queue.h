/*
 * Which coroutine of a scope goes on next, and in the same way which scope of a loop.
 *
 * Those that can go on are in a list, first come, first served; those that sleep are in a sleep
 * queue. Both are ordered by since when they can go on, which for a sleeper is its deadline.
 * Links lie in the places themselves and lead both ways, so that whoever is cancelled leaves the
 * list from anywhere, in O(1).
 *
 * Nothing in here looks at a clock or allocates. Thread: the loop's.
 */
#pragma once

#include "async/sleep_queue.h"

/* Says from when on it can go on. Of two with one time, whichever was stamped first goes first. */
static inline void queue_stamp(struct co_loop *loop, struct co_place *place, int64_t due_ns)
{
    place->due_ns = due_ns;
    place->order = loop->order++;
}

/* Behind all others; `place` is stamped with the current time and in no queue. */
static inline void queue_add_last(struct co_queue *queue, struct co_place *place)
{
    place->previous = queue->ready_last;
    place->next = NULL;
    if (queue->ready_last != NULL)
        queue->ready_last->next = place;
    else
        queue->ready_first = place;
    queue->ready_last = place;
}

/* Before all others; its stamp must be no later than theirs. */
static inline void queue_add_first(struct co_queue *queue, struct co_place *place)
{
    place->previous = NULL;
    place->next = queue->ready_first;
    if (queue->ready_first != NULL)
        queue->ready_first->previous = place;
    else
        queue->ready_last = place;
    queue->ready_first = place;
}

/* `place` is among the ready. */
static inline void queue_remove_ready(struct co_queue *queue, struct co_place *place)
{
    if (place->previous != NULL)
        place->previous->next = place->next;
    else
        queue->ready_first = place->next;
    if (place->next != NULL)
        place->next->previous = place->previous;
    else
        queue->ready_last = place->previous;
}

static inline bool queue_sleeper_is_next(const struct co_queue *queue, int64_t now_ns)
{
    const struct co_place *sleeper = queue->sleeping.earliest;
    if (sleeper == NULL || sleeper->due_ns > now_ns)
        return false;
    return queue->ready_first == NULL || co_before(sleeper, queue->ready_first);
}

/* When the next can go on: a deadline, 0 for at once, or CO_NEVER. */
static inline int64_t queue_next_ns(const struct co_queue *queue)
{
    if (queue->ready_first != NULL)
        return 0;
    return queue->sleeping.earliest != NULL ? queue->sleeping.earliest->due_ns : CO_NEVER;
}
