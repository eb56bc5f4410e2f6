/*
 * A run from within: what its coroutines see of it. Thread: the run's loop.
 */
#pragma once

#include "async/async.h"
#include "handlers/timeline.h"

struct run {
    struct co_scope scope; /* always the first member */
    int64_t started_ns;    /* what the timeline counts from */
    struct timeline *timeline;
    void (*on_say)(struct run *run);       /* there is more on the timeline; may be NULL */
    void (*on_done)(struct run *run);      /* called last; may free the run */
    void (*on_cancelled)(struct run *run); /* called last; may free the run */
    void *owner;                           /* for whoever set the callbacks */
    struct co *top;                        /* the endpoint's own frame */
    bool is_plain;                         /* it has no tree, and its states are not kept */
};

static inline struct run *run_of(const struct co *co)
{
    return (struct run *)co_scope_of(co);
}

static inline void run_tell(struct run *run)
{
    if (run->on_say != NULL)
        run->on_say(run);
}

/* What the request asked for. */
static inline const struct plan *plan_of(const struct co *co)
{
    return &run_of(co)->timeline->plan;
}

/* How long ago it came in. */
static inline int64_t since_start_ns(const struct co *co)
{
    return co_now_ns(co) - run_of(co)->started_ns;
}

/* A frame of the same run, so many bytes behind its first. */
static inline struct co *frame_at(const struct co *co, size_t offset_bytes)
{
    return (struct co *)(void *)((char *)run_of(co)->top + offset_bytes);
}
