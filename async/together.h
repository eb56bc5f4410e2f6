/*
 * What a coroutine awaits of others. Each is an awaitable, with its Python beside it; async.h says
 * what all have in common.
 *
 * Children that begin together lie in an array of frames, which belongs to their parent and has to
 * last as long as the scope: some outlive their parent. `body` runs on each.
 *
 * A child that fails ends with an error (raise_error()). What that does to its parent and to its
 * siblings is all in which these differ:
 *
 *               parent goes on          with                     the other children
 *     gather    at the first failure    its error                go on, as orphans
 *     collect   when all have ended     no error                 go on
 *     group     when all have ended     the first failure        are cancelled
 *     race      when one has ended      its error, if it failed  are cancelled
 *
 * A parent that is cancelled while it waits passes that on to its children, and ends with
 * CO_CANCELLED; all but shield.
 *
 * Thread: the loop's. Nothing here allocates.
 */
#pragma once

#include "async/coroutine.h"

/* await child(): run here and now, in its parent's place. */
#define call(parent, body, frame) co_call((parent), (body), &(frame)->co)

/* await asyncio.gather(*children) */
#define gather(parent, body, frames, count)                                                        \
    co_gather((parent), (body), &(frames)->co, sizeof *(frames), (count))

/* await asyncio.gather(*children, return_exceptions=True) */
#define collect(parent, body, frames, count)                                                       \
    co_collect((parent), (body), &(frames)->co, sizeof *(frames), (count))

/*
 *  async with asyncio.TaskGroup() as group:
 *      for child in children: group.create_task(child)
 */
#define group(parent, body, frames, count)                                                         \
    co_group((parent), (body), &(frames)->co, sizeof *(frames), (count))

/*
 *  tasks = [asyncio.create_task(child) for child in children]
 *  try: await asyncio.wait(tasks, return_when=FIRST_COMPLETED)
 *  finally: for task in tasks: task.cancel()
 *  next(task for task in tasks if task.done()).result()
 */
#define race(parent, body, frames, count)                                                          \
    co_race((parent), (body), &(frames)->co, sizeof *(frames), (count))

/* await asyncio.shield(child()): if the parent is cancelled, the child goes on. */
#define shield(parent, body, frame) co_shield((parent), (body), &(frame)->co)

/*
 *  async with asyncio.timeout(duration):
 *      await child()
 *
 * `timer` is a struct co_timer in the parent's frame. Late: the child is cancelled, and this ends
 * with CO_TIMED_OUT.
 */
#define timeout(parent, timer, duration_ns, body, frame)                                           \
    co_timeout((parent), (timer), (duration_ns), (body), &(frame)->co)

/* For as long as its parent waits; all fields are the runtime's. */
struct co_timer {
    struct co co;       /* sleeps beside the child */
    struct co *waiting; /* the parent */
    bool has_fired;
};

/* asyncio.Semaphore: `free` more may acquire it at once. Whoever waits for it is first come, first
   served. All fields are the runtime's. */
struct co_semaphore {
    uint32_t free;
    struct co_place *first;
    struct co_place *last;
};

static inline void co_semaphore_init(struct co_semaphore *semaphore, uint32_t free)
{
    *semaphore = (struct co_semaphore){.free = free};
}

/* await semaphore.acquire() */
CO_MUST_AWAIT struct co_wait co_acquire(struct co *co, struct co_semaphore *semaphore);

/* semaphore.release(): also in a finally. */
void co_release(struct co_semaphore *semaphore);

CO_MUST_AWAIT struct co_wait co_call(struct co *parent, co_body *body, struct co *child);
CO_MUST_AWAIT struct co_wait co_gather(struct co *parent, co_body *body, struct co *frames,
                                       size_t stride_bytes, uint32_t count);
CO_MUST_AWAIT struct co_wait co_collect(struct co *parent, co_body *body, struct co *frames,
                                        size_t stride_bytes, uint32_t count);
CO_MUST_AWAIT struct co_wait co_group(struct co *parent, co_body *body, struct co *frames,
                                      size_t stride_bytes, uint32_t count);
CO_MUST_AWAIT struct co_wait co_race(struct co *parent, co_body *body, struct co *frames,
                                     size_t stride_bytes, uint32_t count);
CO_MUST_AWAIT struct co_wait co_shield(struct co *parent, co_body *body, struct co *child);
CO_MUST_AWAIT struct co_wait co_timeout(struct co *parent, struct co_timer *timer,
                                        int64_t duration_ns, co_body *body, struct co *child);
