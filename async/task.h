/*
 * One coroutine from its beginning to its end: it begins, goes on, hands over, and may be dropped.
 *
 * A file of async/ uses only those before it: sleep_queue, queue, task, wait, loop, uv.
 */
#pragma once

#include "async/queue.h"

enum co_phase {
    CO_DONE,    /* ended or cancelled; so is a frame of zeros, which was never started */
    CO_PARKED,  /* at an await, or not begun */
    CO_RUNNING, /* its body is on the C stack, or it is being cancelled */
};

/* What a coroutine waits for. Armed by an awaitable; the await then parks on it. */
enum co_waiting {
    CO_FOR_NOTHING, /* it just goes on: in the ready queue */
    CO_FOR_OTHERS,  /* the same, from a sleep of no length */
    CO_FOR_TIME,    /* in the sleep queue */
    CO_FOR_CALL,    /* one child, which runs in its place: in no queue */
    CO_FOR_GATHER,  /* in the ready queue while children are to begin, and when all have ended */
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

/* Takes it out of its scope's queue, if what it waits for has put it into one. */
void co_unqueue(struct co *co);

/* Lets a scope's next coroutine go on, and those that it hands over to, for as long as the turn
   lasts. Call it only when one can go on. */
void co_go_on(struct co_scope *scope);

/* `co` has ended. Returns its parent if that goes on in its place, as a caller does. */
struct co *co_hand_back(const struct co *co);

/* To drop a coroutine and all below it: this, and then co_drop_next() until it is done. It counts
   as running meanwhile, so that nobody else cancels it. */
void co_drop_start(struct co *co);

/* One move of that walk, children first: down to the youngest child that is left, or up from `co`,
   which is then dropped. Returns from where it goes on. */
struct co *co_drop_next(struct co *co);
