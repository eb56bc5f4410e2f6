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

/* Told to stop: from now on those that idle have a grace, half of drain_timeout and 5 s at the
   most. A proxy may choose any of them for a request, until it is told or they are closed
   (docs/decisions/0018-leaving-connections.md). */
void sweep_begin_grace(struct loop *loop);

/* Cuts off all of them. */
void sweep_kill_all(struct loop *loop);

/* How often to sweep for the time-outs to be kept well enough. */
uint64_t sweep_period_ms(const struct config *config);
