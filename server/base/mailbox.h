/*
 * A mailbox: many threads put letters in, one takes them all out, in the order in which each sender
 * put them in. No lock, and no system call but to wake a reader that may sleep.
 *
 * Owner: whoever embeds it. Thread: mailbox_put() on any, mailbox_take() on the reader's.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct letter {
    struct letter *next;
    int kind; /* for the two who write to each other */
};

/* Zeroed at the start. */
struct mailbox {
    _Atomic(struct letter *) last; /* put in last; each leads to the one before it */
};

/* True: it was empty, and its reader is to be woken. */
static inline bool mailbox_put(struct mailbox *mailbox, struct letter *letter)
{
    struct letter *last = atomic_load_explicit(&mailbox->last, memory_order_relaxed);
    do
        letter->next = last;
    while (!atomic_compare_exchange_weak_explicit(&mailbox->last, &last, letter,
                                                  memory_order_release, memory_order_relaxed));
    return last == NULL;
}

/* All that there are, the oldest first; NULL: none. */
static inline struct letter *mailbox_take(struct mailbox *mailbox)
{
    struct letter *newest = atomic_exchange_explicit(&mailbox->last, NULL, memory_order_acquire);
    struct letter *oldest = NULL;
    while (newest != NULL) {
        struct letter *before = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = before;
    }
    return oldest;
}
