/*
 * What one request asked for, and of which endpoint. There is no HTTP here: the server's parser
 * makes a plan and checks every bound, and handlers trust it. Whoever made a plan owns it.
 * Thread: any.
 */
#pragma once

#include "plans/tree.h"

struct co;

/* How hi() waits; also the value of the `sleep` parameter. */
enum sleep_mode {
    SLEEP_AWAITED,
    SLEEP_BLOCKING,
    SLEEP_FORGOTTEN,
    SLEEP_MODES,
};

struct endpoint {
    const char *name;
    bool takes_count;        /* else it is always one hi() */
    bool takes_plan;         /* its caller draws what it does */
    bool one_by_one;         /* its delays add up */
    uint32_t says_each;      /* the most words that each hi() says */
    size_t frame_bytes;      /* the size of its own frame */
    size_t frame_bytes_each; /* what each hi() adds to that */
    /* A body for each way of waiting. Where one is NULL, that of SLEEP_AWAITED runs; it must
       then wait by hi_of() alone, as the cage drops whoever sleeps. */
    void (*bodies[SLEEP_MODES])(struct co *co);
    /* Those of the words of a plan, by enum word, where it takes one. */
    void (*const *words)(struct co *co);
};

struct plan {
    const struct endpoint *endpoint;
    const int64_t *delays_ns; /* one for each task, or one for all */
    uint32_t delay_count;     /* `count` or 1 */
    uint32_t count;           /* how many hi(), at least 1; of a tree, how often one may run */
    enum sleep_mode sleep;
    const struct tree *tree; /* what the caller drew; NULL where the endpoint takes none */
    bool timeline;           /* whether to keep who said each word, and when */
    bool states;             /* and what each task did between its words */
    bool is_virtual;         /* on a clock of its own, which jumps to the next deadline */
};

/* The leaves of the plan, numbered from 1. */
uint32_t plan_numbered_tasks(const struct plan *plan);

/* How long a task sleeps. */
int64_t plan_delay_ns(const struct plan *plan, uint32_t task);

/* How long the request takes if nothing is late; INT64_MAX where it cannot be counted. */
int64_t plan_duration_ns(const struct plan *plan);

/* How many of its hi() can be in flight together: each that blocks, or is awaited by the next, is
   alone. */
uint32_t plan_tasks(const struct plan *plan);

/* Makes `copy` one of its own: its delays and its tree lie in `memory` of plan_rest_bytes(),
   aligned as int64_t is. */
size_t plan_rest_bytes(const struct plan *plan);
void plan_copy(struct plan *copy, void *memory, const struct plan *plan);

/* The copy and its memory were moved together, and `memory` is where that is now. */
void plan_moved(struct plan *copy, void *memory);
