/*
 * Writes a plan's text from its tree: in full, in one line and without spaces, so that it reads the
 * same whoever wrote it. Thread: any; no state.
 */
#pragma once

#include "plans/tree.h"

/* Sets tree->text, which tree_free() frees. False: there is no memory for it. */
bool plan_write(struct tree *tree);

/*
 * From a node to the next in the order of the text: its first child, or whatever stands after it
 * and what it ends. Returns tree->node_count at the end. `closed` becomes how many words end before
 * that.
 */
uint32_t plan_next(const struct tree *tree, uint32_t at, uint32_t *closed);
