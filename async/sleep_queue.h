/*
 * The sleep queue: who wakes next, for any number of sleepers, without allocating.
 *
 * Sleeps of one length end in the order in which they were started. So sleepers are strung into
 * chains, each in order of waking, and only the head of a chain stands in a heap: a million sleeps
 * of one length are one chain, and starting or waking one of them touches neither the heap nor the
 * rest. Which chain to append to is looked up by length among some remembered tails. A tail that is
 * wrong or forgotten costs a new chain, never the order. The heap is a pairing heap (Fredman,
 * Sedgewick, Sleator, Tarjan 1986): its links lie in the sleepers themselves.
 *
 *     append, wake, remove: O(1) within a chain; O(log chains) amortised at its head
 *
 * Order: by due_ns, then by `order`. Thread: the loop's.
 */
#pragma once

#include "async/together.h"
#include <string.h>

/* `tails`: room for so many `lanes`, a power of two, for as long as the queue is used. */
static inline void sleep_queue_init(struct co_sleep_queue *queue, struct co_place **tails,
                                    uint32_t lanes)
{
    *queue = (struct co_sleep_queue){.tails = tails, .lanes = lanes};
    memset(tails, 0, lanes * sizeof(struct co_place *));
}

/* `place` has due_ns and order set, and is in no queue. `length_ns`: how long it sleeps. */
void sleep_queue_add(struct co_sleep_queue *queue, struct co_place *place, int64_t length_ns);

/* Takes out a sleeper: the earliest, to wake it, or any other, to cancel it. */
void sleep_queue_remove(struct co_sleep_queue *queue, struct co_place *place);

/* Whether `a` goes on before `b`. */
static inline bool co_before(const struct co_place *a, const struct co_place *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}
