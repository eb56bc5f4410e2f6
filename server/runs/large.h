/*
 * Runs on their own loop that are large: a slab of their own, and cancelled in turns, so that
 * nobody else waits for the end of one. It may outlive its request. Thread: the loop's.
 */
#pragma once

#include "server/runs/host.h"

extern const struct host run_large;
