/*
 * "Did you mean?": the known name nearest to one that is not known.
 * Thread: any; no state.
 */
#pragma once

#include <stddef.h>

/*
 * Of `count` known names the one with the smallest edit distance (insert, delete, replace, swap of
 * neighbours) to the `length` bytes at `name`, or NULL when none is close enough to be a slip: more
 * than a third of the longer name, at least 2, or all of it, would have to change. Of equals, the
 * first. Reads at most 64 bytes of each.
 */
const char *nearest_name(const char *name, size_t length, const char *const *known, size_t count);
