/*
 * Names in messages, so that a message never holds a second copy of a table: "did you mean delay?",
 * "allowed are json and text". Thread: any; no state.
 */
#pragma once

#include <stddef.h>

/*
 * Returns whichever of `count` known names has the smallest edit distance (insert, delete, replace,
 * swap of neighbours) to the `length` bytes at `name`; of equals, the first. NULL if none is close
 * enough to be a slip: if more than a third of the longer name, at least 2, or all of it, would
 * have to change. Reads at most 64 bytes of each.
 */
const char *nearest_name(const char *name, size_t length, const char *const *known, size_t count);

/* Room for the names of any table here, joined, with a NUL. */
#define NAME_LIST_BYTES 200

/* Joins `count` names, at least one, with commas and, before the last, " and " or " or ". Cuts
   where the room ends, and returns `text`. */
const char *name_list_join(const char *const *names, size_t count, const char *before_last,
                           char text[NAME_LIST_BYTES]);
