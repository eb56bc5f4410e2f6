/*
 * A run: one request from start to end. It fills in the timeline that views show.
 *
 * Memory: one piece of run_bytes() bytes, made by the caller; it holds the run, the frames of all
 * its coroutines and its timeline. So nothing can fail once a run is started. The caller frees it
 * when the run is done, or after run_cancel(), or when on_cancelled() says that
 * run_cancel_in_turns() is through.
 *
 * Thread: the co_loop's. While the run goes on a second thread may read the timeline by the rules
 * of timeline.h, and everything else once the run is done and handed over.
 */
#pragma once

#include "async/async.h"
#include "handlers/timeline.h"

struct run {
    struct co_scope scope; /* always the first member */
    int64_t started_ns;    /* what the timeline counts from */
    struct timeline *timeline;
    void (*on_say)(struct run *run);       /* something was said; may be NULL */
    void (*on_done)(struct run *run);      /* called last; may free the run */
    void (*on_cancelled)(struct run *run); /* called last; may free the run */
    void *owner;                           /* for whoever set the callbacks */
    struct co *top;                        /* the endpoint's own frame */
};

size_t run_bytes(const struct plan *plan);

/*
 * Makes a run in `memory`, aligned as malloc() aligns. Copies the plan and its delays. `started_ns`
 * is what its times count from: when the request came in. Set the callbacks before run_start().
 */
struct run *run_init(void *memory, const struct plan *plan, int64_t started_ns);

/* Makes it ready on `loop`; it first runs in the loop's next step. */
void run_start(struct run *run, struct co_loop *loop);

/* Lets it go on for a step ahead of its turn, if it can. False if it waits now, or if it is done
   and on_done() was called. */
bool run_go_on(struct run *run, int64_t now_ns);

/* Drops it, wherever it is; on_done() is not called. A run that is done is left as it is. */
void run_cancel(struct run *run);

/* The same for a large run, without holding up its loop (decision 11). From now on it says nothing,
   and in the end on_cancelled() is called. A run that is done is left as it is. */
void run_cancel_in_turns(struct run *run);

/* ---- what the handlers use ------------------------------------------------------------------- */

/* print(): puts `text`, a literal, on the timeline with the task that says it and the time. */
void say(struct co *co, const char *text);

/* How long this hi() is to wait. */
int64_t delay_of(const struct co *co);

/* How many hi() the request asked for. */
uint32_t count_of(const struct co *co);

/* In which way each hi() is to wait. */
enum sleep_mode sleep_of(const struct co *co);

/* time.sleep(): holds up the whole loop, and adds to the timeline for how long. */
void block(struct co *co, int64_t duration_ns);
