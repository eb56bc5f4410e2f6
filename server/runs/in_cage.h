/*
 * Runs that block: they run in the cage, one after another, while their request waits on its own
 * loop. One that is given up may outlive its request. Thread: the loop's.
 */
#pragma once

#include "server/runs/host.h"

extern const struct host run_in_cage;

/* Goes on with what the cage has said or given back, after loop_notify(). */
void in_cage_look(struct loop *loop);
