/*
 * Clients that are too slow: from time to time every connection is looked at, and cut off when it
 * has been at the same for longer than its time-out. libh2o's one timer cannot tell an idle client
 * from a slow one, and it has none for a client that does not read its answer.
 *
 * Thread: the loop's.
 */
#pragma once

#include "server/loop/connection.h"

/* Cuts off those that are over a time-out; one whose request is slow to come is told 408. */
void sweep_connections(struct loop *loop);

/* Told to stop: shuts the input of those that idle after a request. What they have sent is still
   served. */
void sweep_shut_idle(struct loop *loop);

/* How often to sweep for the time-outs to be kept well enough. */
uint64_t sweep_period_ms(const struct config *config);
