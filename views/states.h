/*
 * What views show of a timeline's entries and of a plan's shape, in words that all share.
 * Thread: any; no state.
 */
#pragma once

#include "handlers/timeline.h"

/* "waiting", of an entry that is a state. */
const char *state_name(const struct entry *entry);

/* "lost_race"; NULL: there is none. */
const char *reason_name(const struct entry *entry);

static inline bool entry_is_state(const struct entry *entry)
{
    return (entry->what & ENTRY_STATE) != 0;
}

static inline enum task_state entry_state(const struct entry *entry)
{
    return (enum task_state)(entry->what & ~ENTRY_STATE);
}

/* Words in the plan that are no leaves: of a plan that was drawn, all of them; else the endpoint,
   if it has several hi(). */
uint32_t shape_groups(const struct timeline *timeline);

struct shape_group {
    uint32_t number; /* from 1 */
    uint32_t parent; /* 0: the whole */
    const char *kind;
};

/* From 0. */
struct shape_group shape_group(const struct timeline *timeline, uint32_t n);

/* Tasks side by side in one group and with one delay. */
uint32_t shape_ranges(const struct timeline *timeline);

struct shape_range {
    uint32_t first; /* tasks */
    uint32_t last;
    uint32_t group; /* 0: none */
    int64_t delay_ns;
};

struct shape_range shape_range(const struct timeline *timeline, uint32_t n);

/* "task 4 failed" or "timeout after 0.300 s", for a run that failed; without a NUL. At most
   SHAPE_ERROR_BYTES. */
#define SHAPE_ERROR_BYTES 48
char *put_error(char *at, const struct timeline *timeline);
