/*
 * JSON of what happened in a run and of its shape, an object each, for all views that are JSON.
 * Each is at most VIEW_ITEM_BYTES long, and returns where to go on. Thread: any; no state.
 */
#pragma once

#include "handlers/timeline.h"

char *json_put_quoted(char *at, const struct text *word);

/* {"at_seconds": 0.1, "task": 1, "says": "Hello"} */
char *json_put_entry(char *at, const struct timeline *timeline, uint32_t item);

/* {"group": 1, "parent": 0, "kind": "race"} */
char *json_put_group(char *at, const struct timeline *timeline, uint32_t item);

/* {"tasks": [1, 3], "group": 1, "delay_seconds": 1.000000000} */
char *json_put_range(char *at, const struct timeline *timeline, uint32_t item);

/* "outcome": "failed", "error": "task 4 failed" */
char *json_put_outcome(char *at, const struct timeline *timeline);

/* The plan that a caller drew, in so many pieces. */
uint32_t json_plan_pieces(const struct timeline *timeline);
char *json_put_plan(char *at, const struct timeline *timeline, uint32_t item);
