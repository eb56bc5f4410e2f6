/*
 * Runs on a clock of their own, which jumps to the next deadline: a co_loop for each, turned by a
 * coroutine of the real one, so that it takes turns with everybody else
 * (docs/decisions/0030-a-clock-that-jumps.md). It may outlive its request. Thread: the loop's.
 */
#pragma once

#include "server/runs/host.h"

extern const struct host run_on_virtual_clock;
