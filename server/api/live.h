/*
 * What runs do and did, asked for over HTTP (live_runs.h, live_events.h): whether it is on, and the
 * letters that come back from the recorder. Thread: the loop's.
 */
#pragma once

#include "server/loop/loop.h"

bool live_is_on(const struct config *config);

/* Reads the loop's inbox. */
void live_read(struct loop *loop);

/* Tells those who look on that the server stops. */
void live_drain(struct loop *loop);
