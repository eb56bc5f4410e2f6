/*
 * async/await for C: stackless coroutines whose bodies read like Python's.
 *
 *     struct greeting {                     // the frame: what lives across an await
 *         struct co co;                     // always its first member
 *         int64_t pause_ns;
 *     };
 *
 *     void greeting(struct co *co)          // async def greeting():
 *     {
 *         struct greeting *self = (struct greeting *)co;
 *         async(co) {
 *             puts("Hello");                //     print("Hello")
 *             await(co_sleep(co, self->pause_ns));  // await asyncio.sleep(pause)
 *             puts("World");                //     print("World")
 *         }
 *     }
 *
 * How it works (decision 1, in docs/decisions/)
 *     A body is an ordinary function that is called once for every step. `await` saves the line and
 *     returns; the next call jumps back to that line (a switch on __LINE__; Tom Duff 1983, Simon
 *     Tatham 2000). So a local variable does not survive an await. What must survive is a field of
 *     the frame; a temporary is initialised where it is declared, in a block without an await.
 *     gcc's -Wjump-misses-init and clang's -Wconditional-uninitialized object otherwise.
 *
 * Together (together.h has the awaitables, each with its Python; decision 29)
 *     call                  await child()
 *     gather, collect       await asyncio.gather(..), and with return_exceptions=True
 *     group                 async with asyncio.TaskGroup()
 *     race                  asyncio.wait(FIRST_COMPLETED), then cancel the rest
 *     timeout               async with asyncio.timeout(..)
 *     shield                await asyncio.shield(..)
 *     acquire, co_release   asyncio.Semaphore
 *
 * Errors
 *     A coroutine may end with an error, a number that means what its program says: raise_error().
 *     Whoever awaits it ends with the same error, its `finally` part aside, as with an exception;
 *     unless it waits by attempt() in place of await(), which is try and except. Two numbers are
 *     the runtime's: CO_CANCELLED, which attempt() lets through, and CO_TIMED_OUT.
 *
 * Memory
 *     A frame lies inside its parent's frame, so one allocation holds a whole tree of coroutines:
 *     a member for a child that is called, an array for children that are gathered. Nothing here
 *     ever allocates, so no await can fail. A coroutine that waits costs sizeof(struct co) and its
 *     own fields: CO_BYTES, asserted below.
 *     Whoever calls co_start() owns that memory and keeps it until the scope is done or cancelled.
 *     It need not be zeroed: the runtime writes struct co when a frame is started, and touches no
 *     other field.
 *
 * Order in a scope (as CPython's asyncio, of a called child and of gathered ones)
 *     A called child runs at once, in its parent's place, and the parent goes on in the child's.
 *     Gathered children begin in the order of the array, each behind all that were ready before
 *     them. When the last has ended, the news takes one turn of the ready queue, and their parent
 *     another, as a task's callback and the waiter of a future do; without children the parent goes
 *     on behind all that are ready. Equal deadlines wake in the order in which the sleeps were
 *     started, which asyncio leaves open.
 *     Whoever is left when the top has ended (orphans of a gather that failed, the shielded) is
 *     dropped, once all that were ready by then have had a turn: asyncio.run() does the same.
 *
 * Turns between scopes (decision 11)
 *     Scopes take turns. The turn is the scope's that could go on first. It lasts for up to CO_TURN
 *     coroutines, and then the scope stands behind all that can go on by then. So a scope of a
 *     million holds up no other one for longer than that, and no step runs more than
 *     CO_TURN bodies.
 *
 * Cancel (decision 2)
 *     co_cancel() drops a coroutine where it waits, children first, without running it again but
 *     for its `finally` part. It is synchronous and idempotent and leaves no deadline behind.
 *     co_cancel_scope() does the same to a whole scope, however large, in the scope's own turns.
 *     What a group, a race or a time-out cancels is asked to end, as asyncio's tasks are: each goes
 *     on once more, behind all that are ready, with CO_CANCELLED.
 *
 * Thread
 *     One co_loop and all its coroutines belong to one thread. Nothing here locks.
 *
 * Time
 *     The runtime looks at no clock. co_loop_step(loop, now_ns) is told the time: nanoseconds of
 *     any clock that does not go back.
 */
#pragma once

#include "async/together.h"
