/*
 * One coroutine, its scope and its loop; async.h is their manual.
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
    struct co_place *previous; /* its neighbour in a queue or a chain of sleepers; or its timer */
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
        struct co_semaphore *semaphore; /* of a coroutine that waits for it */
    };
    uint8_t lane;  /* asleep: the index in the queue's tails where it may stand */
    uint8_t flags; /* a coroutine's: enum co_flag, in task.h; here is room for it */
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
    uint32_t error;        /* what its await or it itself ended with; 0: nothing */
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

struct co_way; /* ways.h */

#define CO_LOOP_LANES  64
#define CO_SCOPE_LANES 8

/* How many coroutines of a scope go on before another's turn: some microseconds. */
#define CO_TURN 64

/* One event loop's coroutines, by their scopes. */
struct co_loop {
    struct co_queue scopes; /* each is due when the first of its coroutines is */
    struct co_place *tails[CO_LOOP_LANES];
    struct co_scope *running;         /* the scope whose step this is; NULL between steps */
    int64_t now_ns;                   /* the time of the current step */
    uint64_t order;                   /* the next tie-breaker */
    uint64_t live;                    /* how many coroutines were started and have not ended */
    const struct co_way *const *ways; /* what is done for each enum co_waiting; set once */
    uint32_t turn; /* CO_TURN, or what a test sets after co_loop_init(); at least 1 */
    /* Told how late each sleep ends. May be NULL. */
    void (*on_wake)(struct co_loop *loop, int64_t late_ns);
    /* Stops the whole thread, for co_block(). Returns the time at which it goes on; that is before
       `until_ns` only if the coroutine that blocks is about to be cancelled. */
    int64_t (*block_until)(struct co_loop *loop, int64_t until_ns);
};

enum co_change {
    CO_SLEEPS, /* until co_wakes_ns() */
    CO_QUEUES, /* for room in a semaphore */
    CO_ENDS,   /* with co_error() */
};

/* Why a coroutine was cancelled. */
enum co_reason {
    CO_ASKED_TO,       /* whoever awaits it was itself, or whoever runs the scope wished so */
    CO_ABANDONED,      /* the top has ended, and this one had not */
    CO_LOST_RACE,      /* another one was first */
    CO_SIBLING_FAILED, /* another one of its group has failed */
    CO_TIMEOUT,        /* it took too long */
    CO_REASONS,
};

/* The children of `root` and all that they await are asked to end, one in each step. */
struct co_walk {
    struct co *root;
    struct co *at; /* whose turn it is */
    enum co_reason reason;
    bool has_first;       /* one of the children had ended before, ... */
    uint32_t first_error; /* ... and the first of them with this */
};

/*
 * One co_start() and everything that it sets going. The caller owns it, as part of the request, and
 * sets `loop` and the callbacks; all else is the runtime's.
 */
struct co_scope {
    struct co_place place; /* in its loop's queue; always the first member */
    struct co_loop *loop;
    struct co *top;
    /* The top coroutine ran to its end, at `ended_ns`, with `top->error`, and nothing is left.
       Called last: it may free the scope and its frames. */
    void (*on_done)(struct co_scope *scope);
    /* co_cancel_scope() has dropped all of it. Called last, as on_done() is, and instead of it. */
    void (*on_cancelled)(struct co_scope *scope);
    /* `co` has armed a wait that it does not await; the wait is dropped. asyncio says "was never
       awaited". May be NULL. */
    void (*on_never_awaited)(struct co_scope *scope, struct co *co);
    /* What a coroutine does from now on. May be NULL. */
    void (*on_change)(struct co_scope *scope, struct co *co, enum co_change change);
    /* `co`, which has begun, is told to end by the parent `by`, or is dropped (NULL). May be NULL.
     */
    void (*on_cancel)(struct co_scope *scope, struct co *co, enum co_reason reason,
                      const struct co *by);
    struct co_queue coroutines;
    struct co_place *tails[CO_SCOPE_LANES];
    struct co_walk walk;
    struct co *dropping;  /* the coroutine where dropping goes on, ... */
    struct co *drop_root; /* ... and where it ends */
    int64_t ended_ns;     /* when the top ended */
    int64_t timers_ns;    /* when the first time-out was begun, or CO_NEVER */
    uint64_t round_ends;  /* in asyncio's words _run_once(): who was ready before has had a turn */
    uint32_t turn_left;   /* how many coroutines still go on in this turn */
    uint8_t whereabouts;  /* enum co_whereabouts, in loop.c */
    uint8_t work;         /* enum co_work, in task.h: what its steps are */
    uint8_t ending;       /* how many rounds have begun since the top ended, and 1; 0: it has not */
    bool is_cancelled;    /* by co_cancel_scope() */
    bool has_orphans;     /* somebody lives on whose parent awaits it no longer */
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

/* try: await ..., except Exception: the same, but an error does not end the coroutine;
   co_error() tells it until the next await. */
#define attempt(awaitable)                                                                         \
    do {                                                                                           \
        co_park_attempt(co_, (awaitable), __LINE__);                                               \
        return;                                                                                    \
    case __LINE__:                                                                                 \
        co_->line = 0;                                                                             \
    } while (0)

/* raise: the coroutine ends here, its `finally` part aside, with an error of 1 to CO_ERRORS. */
#define raise_error(error)                                                                         \
    do {                                                                                           \
        co_raise(co_, (error));                                                                    \
        return;                                                                                    \
    } while (0)

#define CO_ERRORS    (UINT32_MAX - 2)
#define CO_TIMED_OUT (UINT32_MAX - 1)
#define CO_CANCELLED UINT32_MAX

/*
 * finally { ... }: the last part of a body. Runs when the end is reached, and also when the
 * coroutine is cancelled after it had begun. Releases what the frame holds; must not await.
 */
#define finally                                                                                    \
    __attribute__((fallthrough));                                                                  \
    case CO_FINALLY:                                                                               \
        co_->line = CO_FINALLY;

#define CO_MUST_AWAIT __attribute__((warn_unused_result))

/* Awaitable: wakes at or after `duration_ns` from the start of this step. 0 or less makes way for
   others: it goes on behind all of its scope that are ready. */
CO_MUST_AWAIT struct co_wait co_sleep(struct co *co, int64_t duration_ns);

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

/* Whoever called or gathered it; its frame lasts as long as the scope, even if it has ended. */
static inline struct co *co_parent(const struct co *co)
{
    return co->parent;
}

/* What the last attempt() ended with, or what a coroutine that has ended did; 0: no error. */
static inline uint32_t co_error(const struct co *co)
{
    return co->error;
}

/* Until when it sleeps, in on_change(). */
static inline int64_t co_wakes_ns(const struct co *co)
{
    return co->place.due_ns;
}

/* Since when the coroutine that runs could go on, when it was let: a deadline, or when its parent
   has begun to await it. */
int64_t co_since_ns(const struct co *co);

/* A child that begins goes on as `body` instead, where children of one gather differ. Call it
   first and outside of an async block. */
static inline void co_become(struct co *co, co_body *body)
{
    co->body = body;
    body(co);
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

/* Drops a whole scope, at once; on_done() is not called. Does nothing if nothing of it is left. */
void co_drop_scope(struct co_scope *scope);

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
void co_park_attempt(struct co *co, struct co_wait wait, uint16_t line);
void co_raise(struct co *co, uint32_t error);
