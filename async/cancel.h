/*
 * Asking to end, as asyncio's Task.cancel() does: whoever waits goes on once more, in its turn,
 * with CO_CANCELLED. It reaches down to where the children of one parent wait, one coroutine in
 * each step, and meanwhile nothing else of the scope goes on; so it is one event for the scope, and
 * a long one holds nobody else up.
 */
#pragma once

#include "async/task.h"

/* Children of `root` are asked to end. Then root's way of waiting is told: on_walked(). */
void co_walk_start(struct co *root, enum co_reason reason);

/* One step of it; the scope has a walk. */
void co_walk_on(struct co_scope *scope);
