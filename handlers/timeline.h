/*
 * A timeline: the record of a run. It tells what was said, by which task and when, what tasks did
 * in between, which forgot an await, how it all ended and how long it took. There is no coroutine
 * in it: a run fills it in, and views show it.
 *
 * Memory: one piece of timeline_bytes() bytes, which the caller gives and frees. Everything it
 * points to lies in there, but for its endpoint and its words, which are constants. An endpoint's
 * table says how much it says at most. What goes beyond that is left out and counted;
 * tests/unit/endpoints_test.c holds every endpoint to its table.
 *
 * Thread: the one that fills it in. Meanwhile a second one may call timeline_said() and
 * timeline_entries() and, for what they count, call timeline_word() and read the entry. It may read
 * everything else once the run is done and handed over.
 */
#pragma once

#include "handlers/plan.h"
#include "text/text.h"
#include <stdatomic.h>

/* What a task does from then on. */
enum task_state {
    TASK_READY,     /* it may go on, and is not let yet */
    TASK_WAITING,   /* in an await, for its delay */
    TASK_BLOCKING,  /* in time.sleep(), for its delay */
    TASK_FORGOTTEN, /* it made a sleep and did not await it */
    TASK_DONE,
    TASK_FAILED,
    TASK_CANCELLED,
    TASK_STATES,
};

/* Why it was cancelled. */
enum task_reason {
    REASON_NONE,
    REASON_ASKED_TO,
    REASON_ABANDONED,
    REASON_LOST_RACE,
    REASON_SIBLING_FAILED,
    REASON_TIMEOUT,
    REASON_CLIENT_LEFT, /* the whole run was given up: told by recordings alone */
    REASON_DRAINED,
    REASONS,
};

/* In place of a word's index: an entry that is a state. */
#define ENTRY_STATE 0x80

/* A word that was said, or a state that was entered. */
struct entry {
    int64_t at_ns; /* since the run's start */
    uint32_t task; /* from 1 */
    uint8_t what;  /* the index of a word, or ENTRY_STATE and the state */
    uint8_t reason;
};

/* What a state may need besides. */
struct entry_more {
    uint32_t last; /* it is the state of `task` to `last` */
    uint32_t by;   /* the group whose rule it was; 0: none's */
};

/* An error: the number of the task that failed, or this and the node whose time-out it was. */
#define ERROR_TIMEOUT 0x80000000U

/* How many different words there may be. */
#define TIMELINE_WORDS 8

/* How long each may be: a view has room for that. */
#define TIMELINE_WORD_BYTES 15

struct timeline {
    struct plan plan;
    struct tree tree;        /* what plan.tree points to */
    int64_t elapsed_ns;      /* from the request to the end of its run */
    int64_t blocked_ns;      /* for how long it held up its loop */
    uint32_t error;          /* with which the run ended, as below; 0: it did not fail */
    uint32_t says_most;      /* how many words there is room for */
    atomic_uint said;        /* how many words were said */
    atomic_uint entry_count; /* how many entries there are; 0 without plan.timeline */
    uint32_t left_out;       /* how much there was no room for */
    uint32_t never_awaited_count;
    uint32_t *never_awaited;           /* the tasks that forgot an await, in order */
    struct entry *entries;             /* NULL without plan.timeline */
    struct entry_more *more;           /* one for each entry; NULL without plan.states */
    uint8_t *said_words;               /* for each word said its index in `words`: many are equal */
    struct text words[TIMELINE_WORDS]; /* the different words, in the order of their first time */
};

size_t timeline_bytes(const struct plan *plan);

/* Makes an empty one in `memory`, aligned as malloc() aligns. Copies the plan, its delays and its
   tree. */
struct timeline *timeline_init(void *memory, const struct plan *plan);

/* `text`, a literal, is said by `task`. Words are told apart by their address. */
void timeline_say(struct timeline *timeline, int64_t at_ns, uint32_t task, const char *text);

/* The tasks from entry.task to more.last enter a state; only with plan.states. */
void timeline_enter(struct timeline *timeline, struct entry entry, struct entry_more more);

/* `task` armed a wait and never awaited it. */
void timeline_warn(struct timeline *timeline, uint32_t task);

static inline uint32_t timeline_said(const struct timeline *timeline)
{
    return atomic_load_explicit(&timeline->said, memory_order_acquire);
}

static inline uint32_t timeline_entries(const struct timeline *timeline)
{
    return atomic_load_explicit(&timeline->entry_count, memory_order_acquire);
}

static inline const struct text *timeline_word(const struct timeline *timeline, uint32_t index)
{
    return &timeline->words[timeline->said_words[index]];
}

static inline uint32_t timeline_warnings(const struct timeline *timeline)
{
    return timeline->never_awaited_count;
}
