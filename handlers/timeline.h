/*
 * A timeline: the record of a run. It tells what was said, by which task and when, which tasks
 * forgot an await, and how long it all took. There is no coroutine in it: a run fills it in, and
 * views show it.
 *
 * Memory: one piece of timeline_bytes() bytes, which the caller gives and frees. Everything it
 * points to lies in there, but for its endpoint and its words, which are constants. An endpoint's
 * table says how much it says at most. What goes beyond that is left out and counted;
 * tests/unit/endpoints_test.c holds every endpoint to its table.
 *
 * Thread: the one that fills it in. Meanwhile a second one may call timeline_said() and, for what
 * has been said, call timeline_word() and read the stamp. It may read everything else once the run
 * is done and handed over.
 */
#pragma once

#include "handlers/plan.h"
#include "text/text.h"
#include <stdatomic.h>

/* By whom a word was said, and when. */
struct stamp {
    int64_t at_ns; /* since the run's start */
    uint32_t task; /* from 1 */
};

/* How many different words there may be. */
#define TIMELINE_WORDS 8

/* How long each may be: a view has room for that. */
#define TIMELINE_WORD_BYTES 15

struct timeline {
    struct plan plan;
    int64_t elapsed_ns; /* from the request to the end of its run */
    int64_t blocked_ns; /* for how long it held up its loop */
    uint32_t says_most; /* how many words there is room for */
    atomic_uint said;   /* how many words were said */
    uint32_t left_out;  /* how many words and warnings there was no room for */
    uint32_t never_awaited_count;
    uint32_t *never_awaited;           /* the tasks that forgot an await, in order */
    struct stamp *stamps;              /* one for each word said; NULL without plan.timeline */
    uint8_t *said_words;               /* for each word said its index in `words`: many are equal */
    struct text words[TIMELINE_WORDS]; /* the different words, in the order of their first time */
};

size_t timeline_bytes(const struct plan *plan);

/* Makes an empty one in `memory`, aligned as malloc() aligns. Copies the plan and its delays. */
struct timeline *timeline_init(void *memory, const struct plan *plan);

/* `text`, a literal, is said by `task`. Words are told apart by their address. */
void timeline_say(struct timeline *timeline, int64_t at_ns, uint32_t task, const char *text);

/* `task` armed a wait and never awaited it. */
void timeline_warn(struct timeline *timeline, uint32_t task);

static inline uint32_t timeline_said(const struct timeline *timeline)
{
    return atomic_load_explicit(&timeline->said, memory_order_acquire);
}

static inline const struct text *timeline_word(const struct timeline *timeline, uint32_t index)
{
    return &timeline->words[timeline->said_words[index]];
}

static inline uint32_t timeline_warnings(const struct timeline *timeline)
{
    return timeline->never_awaited_count;
}
