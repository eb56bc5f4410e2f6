/*
 * A run: one request's whole execution, with its timeline of what was said.
 *
 * Memory: one block, made by the caller with run_bytes() bytes; it holds the run, the frames of all
 * its coroutines, and room for everything they will say. So nothing can fail once a run is started.
 * The caller frees the block when the run is done, or after run_cancel(), or when on_cancelled()
 * says that run_cancel_in_turns() is through.
 *
 * Thread: the co_loop's. A second thread may call run_said(), run_word(), run_stamp() for what has
 * been said, while the run goes on; everything else it may read after the run is done and handed
 * over.
 */
#pragma once

#include "handlers/plan.h"
#include <stdatomic.h>

/* Who said something, and when. */
struct stamp {
    int64_t at_ns; /* since the run's start */
    uint32_t task; /* from 1 */
};

#define RUN_WORDS 8

struct run {
    struct co_scope scope;
    struct plan plan;
    int64_t started_ns;
    int64_t finished_ns;
    int64_t blocked_ns;               /* for how long it held up its loop */
    void (*on_say)(struct run *run);  /* something was said; may be NULL */
    void (*on_done)(struct run *run); /* called last; may free the run */
    void (*on_cancelled)(struct run *run);
    void *owner;                  /* the callbacks' own */
    const char *words[RUN_WORDS]; /* the different things said */
    atomic_uint said;
    uint32_t never_awaited_count;
    uint32_t *never_awaited; /* tasks that forgot an await, in order; with SLEEP_FORGOTTEN only */
    struct stamp *stamps;    /* with plan.timeline only */
    uint8_t *said_words;     /* indices of `words`, in order */
    struct co *top;
};

size_t run_bytes(const struct plan *plan);

/*
 * Makes a run in `block`, aligned as malloc() aligns. Copies the plan and its delays. `started_ns`
 * is what its times count from: when the request came in. Set the callbacks before run_start().
 */
struct run *run_init(void *block, const struct plan *plan, int64_t started_ns);

/* Makes it ready on `loop`; it first runs in the loop's next step. */
void run_start(struct run *run, struct co_loop *loop);

/* Lets it go on for a step ahead of its turn, if it can. False: it waits, or it is done, and
   on_done() was called. */
bool run_go_on(struct run *run, int64_t now_ns);

/* Drops it, wherever it is; on_done() is not called. A run that is done is left as it is. */
void run_cancel(struct run *run);

/*
 * The same for a large run, without holding up its loop: from now on it says nothing, and
 * on_cancelled(), called last, may free it. A run that is done is left as it is, and nothing
 * called.
 */
void run_cancel_in_turns(struct run *run);

/* ---- what the handlers use ------------------------------------------------------------------- */

/* print(): `text` is a literal, put on the timeline with the task that says it and the time. */
void say(struct co *co, const char *text);

/* How long this hi() is to wait. */
int64_t delay_of(const struct co *co);

/* How many hi() the request asked for. */
uint32_t count_of(const struct co *co);

/* hi() in the way of waiting that the request asked for. */
co_body *hi_of(const struct co *co);

/* time.sleep(): holds up the whole loop, and the run keeps account of it. */
void block(struct co *co, int64_t duration_ns);

/* ---- what the views use ---------------------------------------------------------------------- */

static inline uint32_t run_said(const struct run *run)
{
    return atomic_load_explicit(&run->said, memory_order_acquire);
}

static inline const char *run_word(const struct run *run, uint32_t index)
{
    return run->words[run->said_words[index]];
}

/* NULL unless the plan asked for a timeline. */
static inline const struct stamp *run_stamp(const struct run *run, uint32_t index)
{
    return run->stamps == NULL ? NULL : &run->stamps[index];
}

static inline int64_t run_elapsed_ns(const struct run *run)
{
    return run->finished_ns - run->started_ns;
}
