/*
 * Runs on their own loop, in the memory of their request. Thread: the loop's.
 */
#pragma once

#include "server/runs/host.h"

extern const struct host run_here;

/* What run_large has in common with it. */
bool here_start(struct hosted *hosted, int64_t *retry_after_seconds);

/* Lets runs that were just started begin, a few steps each, ahead of their turn. */
void here_begin(struct loop *loop);
