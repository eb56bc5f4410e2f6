/*
 * What loop.c and task.c share: the states of a coroutine, and how one goes on.
 */
#pragma once

#include "async/async.h"

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

/* Starts the next child of a gather; the parent is first in the ready queue. */
void co_start_next(struct co *parent);

/* Runs a parked coroutine that is in no queue, and then each that its step hands over to. */
void co_resume(struct co *co);
