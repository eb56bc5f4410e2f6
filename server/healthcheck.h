/*
 * awaitd --healthcheck: asks the instance that runs with the same configuration whether it is
 * alive, for images that have no curl. Thread: the main one, of a process of its own.
 */
#pragma once

#include "config/config.h"

/* Returns the exit status: 0 when it is alive; 1 otherwise, with a line on stderr. Takes 3 seconds
   at the most. */
int health_check(const struct config *config);
