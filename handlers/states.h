/*
 * What tasks do between their words, for a timeline with states: from what the runtime tells of its
 * coroutines to entries. Thread: the run's loop.
 */
#pragma once

#include "handlers/inside.h"

/* The runtime's hooks, which see every coroutine of a run. */
void states_on_change(struct co_scope *scope, struct co *co, enum co_change change);
void states_on_cancel(struct co_scope *scope, struct co *co, enum co_reason reason,
                      const struct co *by);

/* A task enters this state now. */
void state_entered(struct co *co, enum task_state state);

/* A task is about to speak: if it could have gone on long before, it was ready since then. */
void state_was_ready(struct co *co);
