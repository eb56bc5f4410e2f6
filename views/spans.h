/*
 * How long a state lasted: entries say when it was entered, and pictures draw until when it was.
 * Thread: any; no state.
 */
#pragma once

#include "handlers/timeline.h"

/* Of more tasks than these it is not looked up, which would take too long: it lasts as long as was
   asked for. */
#define SPANS_TASKS 1000

/* When the task of this entry, a state, entered its next one, or said its next word; or else when
   the run ended. */
int64_t span_end_ns(const struct timeline *timeline, uint32_t item);

/* When the task's first entry was; -1: it has none. */
int64_t span_begin_ns(const struct timeline *timeline, uint32_t task);
