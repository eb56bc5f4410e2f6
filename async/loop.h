/*
 * A scope's place among the others of its loop.
 */
#pragma once

#include "async/async.h"

enum co_whereabouts {
    CO_NOWHERE, /* none of its coroutines is left, or it is about to enter a queue */
    CO_READY,   /* in the loop's ready queue: one of them can go on */
    CO_ASLEEP,  /* in its sleep queue, until the first of them is due, and then until its turn */
};

/* After a change from outside of the scope's own step: puts it where it belongs in its loop. */
void co_scope_update(struct co_scope *scope);
