/*
 * Large runs on their own loop: each has a slab of its own and is cancelled in turns
 * (docs/decisions/0011-turns-between-scopes.md), so that nobody else waits for its end. It may
 * outlive its request. Thread: the loop's.
 */
#pragma once

#include "server/runs/host.h"

extern const struct host run_large;
