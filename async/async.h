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
 *     them; their parent goes on behind all that are ready when the last child has ended, or when
 *     there are no children. Equal deadlines wake in the order in which the sleeps were started,
 *     which asyncio leaves open.
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
 *
 * Thread
 *     One co_loop and all its coroutines belong to one thread. Nothing here locks.
 *
 * Time
 *     The runtime looks at no clock. co_loop_step(loop, now_ns) is told the time: nanoseconds of
 *     any clock that does not go back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct co;
struct co_scope;

/* A coroutine's code; `co` is the first member of its frame. */
typedef void co_body(struct co *co);

/* What an awaitable returns and only `await` takes. A forgotten await is a compiler warning. */
struct co_wait {
    struct co *co; /* whoever waits */
};

/* Where one stands in a queue (queue.h): a coroutine in its scope's, or a scope in its loop's. */
struct co_place {
    struct co_place *previous; /* its neighbour among the ready, or in a chain of sleepers */
    struct co_place *next;     /* its neighbour on the other side */
    int64_t due_ns;            /* asleep: the deadline; ready: since when */
    uint64_t order;            /* breaks a tie of due_ns: the lower goes first */
    union {
        /* The links in the heap (sleep_queue.c) of a sleeper that heads a chain. */
        struct {
            struct co_place *heap_child;
            struct co_place *heap_next;
        };
        /* The children of a coroutine that calls or gathers. */
        struct {
            co_body *child_body;   /* what they run */
            struct co *next_child; /* the frame of the one that begins next */
        };
    };
    uint8_t lane; /* asleep: the index in the queue's tails where it may stand */
};

/* One coroutine. All fields belong to the runtime; read co_nth() and co_scope_of() instead. */
struct co {
    struct co_place place; /* in its scope's queue; always the first member */
    co_body *body;
    struct co_scope *scope;
    struct co *parent;     /* whoever called or gathered it; NULL at the top of its scope */
    uint32_t stride_bytes; /* from one gathered frame to the next; 0 in a call */
    uint32_t to_begin;     /* how many children of this await have not begun */
    uint32_t begun;        /* how many have; their frames lie side by side before `next_child` */
    uint32_t live;         /* how many of this await's children have begun and not ended */
    uint32_t ever_begun;   /* how many children have begun in its whole life */
    uint32_t nth;          /* how many children its parent had before this one */
    uint16_t line;         /* where it goes on: an await's, CO_FINALLY, or 0 for the start */
    uint8_t phase;         /* enum co_phase, in task.h */
    uint8_t wait;          /* enum co_waiting, in task.h: what it waits for, or has armed */
};

/* All that one waiting coroutine costs, its own fields aside. */
#define CO_BYTES 112
_Static_assert(sizeof(struct co) == CO_BYTES, "CO_BYTES states what a waiting coroutine costs");
_Static_assert(CO_BYTES <= 128, "a suspended hi() costs at most 128 bytes, all in");

/* Sleepers in the order in which they wake; see sleep_queue.h. */
struct co_sleep_queue {
    struct co_place *earliest; /* the root of the heap */
    struct co_place **tails;   /* the last sleepers of some chains, or NULL, by a sleep's length */
    uint32_t lanes;            /* how many tails there are: a power of two */
};

/* Those that can go on, first come, first served, and those that sleep; see queue.h. */
struct co_queue {
    struct co_place *ready_first;
    struct co_place *ready_last;
    struct co_sleep_queue sleeping;
};

#define CO_LOOP_LANES  64
#define CO_SCOPE_LANES 8

/* How many coroutines of a scope go on before another's turn: some microseconds. */
#define CO_TURN 64

/* One event loop's coroutines, by their scopes. */
struct co_loop {
    struct co_queue scopes; /* each is due when the first of its coroutines is */
    struct co_place *tails[CO_LOOP_LANES];
    struct co_scope *running; /* the scope whose step this is; NULL between steps */
    int64_t now_ns;           /* the time of the current step */
    uint64_t order;           /* the next tie-breaker */
    uint64_t live;            /* how many coroutines were started and have not ended */
    uint32_t turn;            /* CO_TURN, or what a test sets after co_loop_init(); at least 1 */
    /* Told how late each sleep ends. May be NULL. */
    void (*on_wake)(struct co_loop *loop, int64_t late_ns);
    /* Stops the whole thread, for co_block(). Returns the time at which it goes on; that is before
       `until_ns` only if the coroutine that blocks is about to be cancelled. */
    int64_t (*block_until)(struct co_loop *loop, int64_t until_ns);
};

/*
 * One co_start() and everything that it sets going. The caller owns it, as part of the request, and
 * sets `loop` and the callbacks; all else is the runtime's.
 */
struct co_scope {
    struct co_place place; /* in its loop's queue; always the first member */
    struct co_loop *loop;
    struct co *top;
    /* The top coroutine ran to its end. Called last: it may free the scope and its frames. */
    void (*on_done)(struct co_scope *scope);
    /* co_cancel_scope() has dropped all of it. Called last, as on_done() is, and instead of it. */
    void (*on_cancelled)(struct co_scope *scope);
    /* `co` has armed a wait that it does not await; the wait is dropped. asyncio says "was never
       awaited". May be NULL. */
    void (*on_never_awaited)(struct co_scope *scope, struct co *co);
    struct co_queue coroutines;
    struct co_place *tails[CO_SCOPE_LANES];
    struct co *dropping; /* the coroutine where dropping goes on; NULL without co_cancel_scope() */
    uint32_t turn_left;  /* how many coroutines still go on in this turn */
    uint8_t whereabouts; /* enum co_whereabouts, in loop.c */
};

/* ---- writing a coroutine --------------------------------------------------------------------- */

/*
 * async(co) { ... }: the body. Misuse that the compiler sees: an await outside, two awaits on a
 * line, an await whose value is used, an awaitable that is not awaited.
 * Misuse that stops the process: `return` inside the braces, an await inside a nested switch.
 * Misuse that nothing sees: `break` or `continue` outside of a loop of your own ends the body at
 * once, past its finally.
 */
#define async(co)                                                                                  \
    for (struct co *co_ = co_enter(co); co_ != NULL; co_ = co_leave(co_))                          \
        switch (co_->line)                                                                         \
        case 0:

/* await(awaitable): give up the thread until it is done. One to a line, never in a switch. */
#define await(awaitable)                                                                           \
    do {                                                                                           \
        co_park(co_, (awaitable), __LINE__);                                                       \
        return;                                                                                    \
    case __LINE__:                                                                                 \
        co_->line = 0;                                                                             \
    } while (0)

/*
 * finally { ... }: the last part of a body. Runs when the end is reached, and also when the
 * coroutine is cancelled after it had begun. Releases what the frame holds; must not await.
 */
#define finally                                                                                    \
    __attribute__((fallthrough));                                                                  \
    case CO_FINALLY:                                                                               \
        co_->line = CO_FINALLY;

/* Awaitable: `body` with the frame `*frame`, run here and now; waits until it is finished. */
#define call(parent, body, frame) co_call((parent), (body), &(frame)->co)

/* Awaitable: `count` coroutines at once, one for each frame of an array; waits for all of them. */
#define gather(parent, body, frames, count)                                                        \
    co_gather((parent), (body), &(frames)->co, sizeof *(frames), (count))

#define CO_MUST_AWAIT __attribute__((warn_unused_result))

/* Awaitable: wakes at or after `duration_ns` from the start of this step. 0 or less makes way for
   others: it goes on behind all of its scope that are ready. */
CO_MUST_AWAIT struct co_wait co_sleep(struct co *co, int64_t duration_ns);
CO_MUST_AWAIT struct co_wait co_call(struct co *parent, co_body *body, struct co *child);
CO_MUST_AWAIT struct co_wait co_gather(struct co *parent, co_body *body, struct co *frames,
                                       size_t stride_bytes, uint32_t count);

/* Not awaitable, and that is the point: holds up the loop's whole thread, as time.sleep() does. */
void co_block(struct co *co, int64_t duration_ns);

/* How many children its parent had started before it: the first is 0. At the top: 0. */
static inline uint32_t co_nth(const struct co *co)
{
    return co->nth;
}

static inline struct co_scope *co_scope_of(const struct co *co)
{
    return co->scope;
}

/* The time of the current step. */
static inline int64_t co_now_ns(const struct co *co)
{
    return co->scope->loop->now_ns;
}

/* ---- running coroutines ---------------------------------------------------------------------- */

/* No deadline, or none that matters. */
#define CO_NEVER INT64_MAX

/* `block_until` may be NULL where no coroutine blocks. Nothing to free. */
void co_loop_init(struct co_loop *loop, int64_t now_ns,
                  int64_t (*block_until)(struct co_loop *loop, int64_t until_ns));

/*
 * Makes `top` ready; it first runs in a later co_loop_step(). `scope` has loop and callbacks set.
 * Call it from outside of any coroutine.
 */
void co_start(struct co_scope *scope, co_body *body, struct co *top);

/*
 * Takes the time and lets the scope whose turn it is go on, by its first coroutine and those that
 * this one hands over to: at most CO_TURN. False: none was due.
 * A driver calls it again and again, with a fresh time, for as long as its slice lasts.
 */
bool co_loop_step(struct co_loop *loop, int64_t now_ns);

/*
 * The same for this scope, out of turn: one that was just started is begun while what it needs is
 * in the processor's cache. False: it cannot go on at once; if it could before, it may be gone.
 */
bool co_scope_step(struct co_scope *scope, int64_t now_ns);

/* When co_loop_step() next has something to do: a deadline, 0 for at once, or CO_NEVER. */
int64_t co_loop_next_ns(const struct co_loop *loop);

/*
 * Drops a waiting or ready coroutine and all below it; for one that is finished: does nothing.
 * A parent that awaits it goes on as if it were finished. on_done() is not called. Never call it on
 * a coroutine that is running, or from one of its descendants. Takes as long as there are
 * coroutines to drop: for more than some thousands there is co_cancel_scope().
 */
void co_cancel(struct co *co);

/*
 * Cancels a whole scope without holding anybody up: from now on nothing of it goes on, and in its
 * turns one coroutine after another is dropped. on_cancelled() tells that none is left; until then
 * the memory stays. Does nothing if the scope is done or is being cancelled. Call it from outside
 * of any coroutine of the scope.
 */
void co_cancel_scope(struct co_scope *scope);

/* ---- what the macros need -------------------------------------------------------------------- */

#define CO_FINALLY UINT16_MAX

struct co *co_enter(struct co *co);
struct co *co_leave(struct co *co);
void co_park(struct co *co, struct co_wait wait, uint16_t line);
