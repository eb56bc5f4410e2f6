/*
 * What the files of the runtime share: the states of a coroutine, and how one begins and goes on.
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
    CO_FOR_TURN,    /* the same, from a sleep of no length */
    CO_FOR_TIME,    /* in the sleep queue */
    CO_FOR_CALL,    /* one child, run in its parent's place */
    CO_FOR_GATHER,  /* in the ready queue while children are left to start, then in no queue */
};

/* The coroutine that has this place in its scope's queue. */
static inline struct co *co_at(struct co_place *place)
{
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

/* Lets a scope's next coroutine go on, and those that it hands over to. There is one. */
void co_go_on(struct co_scope *scope);

/* A child of `parent` ended. Returns the parent when it goes on in the same step, as a caller
   does. */
struct co *co_child_ended(struct co *parent);

/* One move of the walk that cancels, children first: down to the youngest child that is left, or
   up from `co`, which is then dropped. Returns where it goes on: at first a parked coroutine. */
struct co *co_drop_next(struct co *co);

/* After a change from outside of the scope's own step: puts it where it belongs in its loop. */
void co_scope_update(struct co_scope *scope);
