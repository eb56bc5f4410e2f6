/*
 * A run: one request's whole execution. It fills in the timeline that views show.
 *
 * Memory: one piece of run_bytes() bytes, made by the caller; it holds the run, the frames of all
 * its coroutines and its timeline. So nothing can fail once a run is started. The caller frees it
 * when the run is done, or after run_cancel(), or when on_cancelled() says that
 * run_cancel_in_turns() is through.
 *
 * Thread: the co_loop's. While the run goes on a second thread may read the timeline, by the rules
 * of timeline.h; everything else after the run is done and handed over.
 */
#pragma once

#include "async/async.h"
#include "handlers/timeline.h"

struct run {
    struct co_scope scope;
    int64_t started_ns;
    struct timeline *timeline;
    void (*on_say)(struct run *run);  /* something was said; may be NULL */
    void (*on_done)(struct run *run); /* called last; may free the run */
    void (*on_cancelled)(struct run *run);
    void *owner; /* the callbacks' own */
    struct co *top;
};

size_t run_bytes(const struct plan *plan);

/*
 * Makes a run in `memory`, aligned as malloc() aligns. Copies the plan and its delays. `started_ns`
 * is what its times count from: when the request came in. Set the callbacks before run_start().
 */
struct run *run_init(void *memory, const struct plan *plan, int64_t started_ns);

/* Makes it ready on `loop`; it first runs in the loop's next step. */
void run_start(struct run *run, struct co_loop *loop);

/* Lets it go on for a step ahead of its turn, if it can. False: it waits, or it is done, and
   on_done() was called. */
bool run_go_on(struct run *run, int64_t now_ns);

/* Drops it, wherever it is; on_done() is not called. A run that is done is left as it is. */
void run_cancel(struct run *run);

/* The same for a large run, without holding up its loop: from now on it says nothing, and
   on_cancelled(), called last, may free it. Of a run that is done, nothing is called. */
void run_cancel_in_turns(struct run *run);

/* ---- what the handlers use ------------------------------------------------------------------- */

/* print(): `text` is a literal, put on the timeline with the task that says it and the time. */
void say(struct co *co, const char *text);

/* How long this hi() is to wait. */
int64_t delay_of(const struct co *co);

/* How many hi() the request asked for. */
uint32_t count_of(const struct co *co);

/* In which way each hi() is to wait. */
enum sleep_mode sleep_of(const struct co *co);

/* time.sleep(): holds up the whole loop, and the timeline keeps account of it. */
void block(struct co *co, int64_t duration_ns);
