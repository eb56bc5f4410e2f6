/*
 * A timeline: the record of a run. What was said, by which task and when, who forgot an await, how
 * long it took. There is no coroutine in it: a run fills it in, and views show it.
 *
 * Memory: one piece of timeline_bytes() bytes, which the caller gives and frees. All that it points
 * to lies in there, but for its endpoint and its words, which are constants.
 * What it has no room for is left out and counted, never written elsewhere: an endpoint's table
 * says how much it says, and tests/unit/endpoints_test.c holds every endpoint to its table.
 *
 * Thread: the one that fills it in. Meanwhile a second one may call timeline_said(), and for what
 * has been said timeline_word(), and read its stamp. Everything else may be read once the run is
 * done and handed over.
 */
#pragma once

#include "handlers/plan.h"
#include <stdatomic.h>

/* Who said something, and when. */
struct stamp {
    int64_t at_ns; /* since the run's start */
    uint32_t task; /* from 1 */
};

/* How many different words there may be, and how long each, so that a view has room for it. */
#define TIMELINE_WORDS      8
#define TIMELINE_WORD_BYTES 15

/* Constant text. */
struct literal {
    const char *text;
    size_t length;
};

struct timeline {
    struct plan plan;
    int64_t elapsed_ns; /* from the request to the end of its run */
    int64_t blocked_ns; /* for how long it held up its loop */
    uint32_t says_most; /* how many words there is room for */
    atomic_uint said;
    uint32_t left_out; /* how much there was no room for */
    uint32_t never_awaited_count;
    uint32_t *never_awaited; /* tasks that forgot an await, in order; with SLEEP_FORGOTTEN only */
    struct stamp *stamps;    /* of each word said; NULL without plan.timeline */
    uint8_t *said_words;     /* indices of `words`, in order */
    struct literal words[TIMELINE_WORDS]; /* the different ones said, in order */
};

size_t timeline_bytes(const struct plan *plan);

/* Makes an empty one in `memory`, aligned as malloc() aligns. Copies the plan and its delays. */
struct timeline *timeline_init(void *memory, const struct plan *plan);

/* `text` is a literal. */
void timeline_say(struct timeline *timeline, int64_t at_ns, uint32_t task, const char *text);

/* `task` armed a wait and never awaited it. */
void timeline_warn(struct timeline *timeline, uint32_t task);

static inline uint32_t timeline_said(const struct timeline *timeline)
{
    return atomic_load_explicit(&timeline->said, memory_order_acquire);
}

static inline const struct literal *timeline_word(const struct timeline *timeline, uint32_t index)
{
    return &timeline->words[timeline->said_words[index]];
}

static inline uint32_t timeline_warnings(const struct timeline *timeline)
{
    return timeline->never_awaited_count;
}
