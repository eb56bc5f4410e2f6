/*
 * A run from within: what its coroutines see of it. Thread: the run's loop.
 */
#pragma once

#include "async/async.h"
#include "handlers/timeline.h"

/* A word that was said, or a state that was entered, for who keeps it besides the timeline. */
struct happening {
    struct entry entry;
    struct entry_more more;
    const char *word; /* NULL: it is a state */
    bool is_idle;     /* the task has not begun */
};

/* Of a run with too many tasks to tell of each: how many are in which state. */
#define CROWD_TASKS 1000

struct crowd {
    uint32_t in[TASK_STATES];
    int64_t at_ns;    /* of the last change */
    int64_t due_ns;   /* when to tell of it again */
    int64_t every_ns; /* so often */
};

struct run {
    struct co_scope scope; /* always the first member */
    int64_t started_ns;    /* what the timeline counts from */
    struct timeline *timeline;
    void (*on_say)(struct run *run);       /* there is more on the timeline; may be NULL */
    void (*on_done)(struct run *run);      /* called last; may free the run */
    void (*on_cancelled)(struct run *run); /* called last; may free the run */
    void *owner;                           /* for whoever set the callbacks */
    /* Each word and each state, on the run's thread; may be NULL. */
    void (*on_happening)(struct run *run, const struct happening *happening);
    void *record;           /* for whoever set on_happening */
    uint64_t record_number; /* the same */
    struct crowd *crowd;    /* only of a plan that is one */
    uint32_t last_task;     /* which entered the last state */
    uint8_t last_what;      /* as in struct entry */
    struct co *top;         /* the endpoint's own frame */
    bool is_plain;          /* it has no tree, and nobody wants its states */
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

/* Whether anybody wants to know what its tasks do. */
static inline bool run_has_states(const struct run *run)
{
    return run->timeline->plan.states || run->on_happening != NULL;
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
