/*
 * Runs on their own loop, in the memory of their request. Thread: the loop's.
 */
#pragma once

#include "server/runs/host.h"

extern const struct host run_here;

/* How runs start on their own loop; large.c starts its own so, too. */
int64_t here_start(struct hosted *hosted);

/* Lets runs that were just started go a few steps, ahead of all others that are ready. */
void here_begin(struct loop *loop);
