/*
 * One coroutine from its beginning to its end: it begins, goes on, hands over, and may be dropped.
 *
 * A file of async/ uses only those before it: sleep_queue, queue, task, wait, cancel; gather,
 * group, race, shield, timeout, semaphore; ways, loop, uv.
 */
#pragma once

#include "async/queue.h"

enum co_phase {
    CO_DONE,    /* ended or cancelled; so is a frame of zeros, which was never started */
    CO_PARKED,  /* at an await, or not begun */
    CO_RUNNING, /* its body is on the C stack, or it is being cancelled */
    CO_RAISING, /* its body has raised an error, and its finally is to come */
    CO_TELLING, /* it has ended, and stands in the ready queue to tell its parent */
};

/* What a coroutine waits for. Armed by an awaitable; the await then parks on it. */
enum co_waiting {
    CO_FOR_NOTHING, /* it just goes on: in the ready queue */
    CO_FOR_OTHERS,  /* the same, from a sleep of no length */
    CO_FOR_TIME,    /* in the sleep queue */
    CO_FOR_ROOM,    /* in a semaphore's queue */
    CO_HAS_ROOM,    /* in the ready queue: the semaphore counts it in */
    /* Somebody goes on in its place: in no queue. */
    CO_AT_ONCE,     /* itself, as it has what it awaits */
    CO_FOR_CALL,    /* its one child */
    CO_FOR_TIMEOUT, /* the same, beside a timer */
    /* Children of their own: in the ready queue while some are to begin, or with CO_WOKEN. */
    CO_FOR_GATHER,
    CO_FOR_COLLECT,
    CO_FOR_GROUP,
    CO_FOR_RACE,
    CO_FOR_SHIELD,
    CO_WAITINGS,
};

/* What a step of a scope is. */
enum co_work {
    CO_GOES_ON, /* a coroutine goes on */
    CO_WALKS,   /* one is asked to end: cancel.h */
    CO_DROPS,   /* one is dropped: loop.c */
};

enum co_flag {
    CO_CALLED = 1,       /* it runs in its parent's place */
    CO_CATCHES = 2,      /* its await is an attempt */
    CO_IS_LAST = 4,      /* it tells: no sibling of it is left */
    CO_ALL_TOLD = 8,     /* it waits: all its children have told */
    CO_TELLS = 16,       /* in the ready queue: is CO_TELLING */
    CO_WOKEN = 32,       /* in the ready queue: its way of waiting knows why */
    CO_MUST_CANCEL = 64, /* it ends with CO_CANCELLED as soon as it goes on */
    CO_STOPS = 128,      /* its children were asked to end */
};

/* Whoever is next in the ready queue with one of these does not just go on. */
#define CO_SPECIAL (CO_TELLS | CO_WOKEN | CO_STOPS)

/*
 * What is done for one that waits, by its co_waiting. Each way has a file; NULL where there is
 * nothing to do.
 */
struct co_way {
    /* It waits no longer, or not for this: it leaves what the wait has put it into. */
    void (*leave)(struct co *co);
    /* The child that it called has ended with this error; returns with which it goes on. */
    uint32_t (*on_return)(struct co *caller, uint32_t error);
    /* `child`, which is awaited, has ended. Called for every failure, for the last of the children,
       and of a race for each. */
    void (*on_end)(struct co *parent, struct co *child);
    /* Its turn in the ready queue has come, with CO_WOKEN. */
    void (*on_turn)(struct co *parent);
    /* All children of `root` were asked to end. */
    void (*on_walked)(struct co *root);
};

/* The coroutine that has this place in its scope's queue. */
static inline struct co *co_at(struct co_place *place)
{
    _Static_assert(offsetof(struct co, place) == 0, "a coroutine begins with its place");
    return (struct co *)place;
}

/* Writes all of struct co; it is parked, and in no queue. */
void co_begin(struct co *co, co_body *body, struct co_scope *scope, struct co *parent);

/* Behind all others of its scope. */
static inline void co_make_ready(struct co *co)
{
    queue_stamp(co->scope->loop, &co->place, co->scope->loop->now_ns);
    queue_add_last(&co->scope->coroutines, &co->place);
}

/* Of a time-out: nobody's child, and nothing that the program knows of. */
static inline bool co_is_timer(const struct co *co)
{
    return co->parent == NULL && co != co->scope->top;
}

/* Nothing is known of one that has not begun. */
static inline void co_tell_cancel(struct co *co, enum co_reason reason, const struct co *by)
{
    struct co_scope *scope = co->scope;
    if (scope->on_cancel != NULL && co->line != 0 && !co_is_timer(co))
        scope->on_cancel(scope, co, reason, by);
}

static inline const struct co_way *co_way_of(const struct co *co)
{
    return co->scope->loop->ways[co->wait];
}

/* Before all others of its scope: it was their turn already. */
static inline void co_keep_turn(struct co *co)
{
    co->scope->has_orphans |= co->live > 0;
    co->wait = CO_FOR_NOTHING;
    co->place.flags &= CO_CALLED | CO_CATCHES;
    co->place.due_ns = INT64_MIN;
    co->place.order = 0;
    queue_add_first(&co->scope->coroutines, &co->place);
}

/* It waits no longer, and goes on in its turn with this error, or with none. */
static inline void co_wake(struct co *co, uint32_t error)
{
    bool is_cancelled = (co->place.flags & CO_MUST_CANCEL) != 0;
    co->scope->has_orphans |= co->live > 0;
    co->place.flags &= CO_CALLED | CO_CATCHES;
    co->wait = CO_FOR_NOTHING;
    co->error = is_cancelled ? CO_CANCELLED : error;
    co_make_ready(co);
}

/* To its way of waiting, in its turn. */
static inline void co_look(struct co *co)
{
    co->place.flags |= CO_WOKEN;
    co_make_ready(co);
}

/* Its place among the children of its parent's await; no less than parent->begun if that is over:
   it is an orphan. */
static inline uint32_t co_index(const struct co *co)
{
    return co->nth - (co->parent->ever_begun - co->parent->begun);
}

/* The first child of what it awaits; there is one. */
static inline struct co *co_first_child(const struct co *co)
{
    size_t bytes = (size_t)co->begun * co->stride_bytes;
    return (struct co *)(void *)((char *)co->place.next_child - bytes);
}

/* Takes it out of its scope's queue, if what it waits for has put it into one. */
void co_unqueue(struct co *co);

/* Lets a scope's next coroutine go on, and those that it hands over to, for as long as the turn
   lasts. Call it only when one can go on. */
void co_go_on(struct co_scope *scope);

/* `co` has ended. Returns its parent if that goes on in its place, as a caller does. */
struct co *co_hand_back(struct co *co);

/* To drop a coroutine and all below it: this, and then co_drop_next() until it is done. It counts
   as running meanwhile, so that nobody else cancels it. */
void co_drop_start(struct co *co);

/* One move of that walk, children first: down to the youngest child that is left, or up from `co`,
   which is then dropped. Returns from where it goes on. */
struct co *co_drop_next(struct co *co);
