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

#include "handlers/inside.h"

size_t run_bytes(const struct plan *plan);

/*
 * Makes a run in `memory`, aligned as malloc() aligns. Copies the plan and its delays. `started_ns`
 * is what its times count from: when the request came in. Set the callbacks before run_start().
 */
struct run *run_init(void *memory, const struct plan *plan, int64_t started_ns);

/* Has each word and each state told as well, as it happens, and remembers `record` and `number` for
   that. To be called before run_start(). */
void run_watch(struct run *run,
               void (*on_happening)(struct run *run, const struct happening *happening),
               void *record, uint64_t number);

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
