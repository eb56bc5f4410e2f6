/*
 * A line in the log for each HTTP/2 connection that is cut off, ten in a second at most from each
 * loop; the metric counts them all. Thread: the loop's.
 */
#pragma once

#include "server/loop/connection.h"
#include "server/telemetry/reasons.h"

void gate_log_killed(const struct connection *connection, enum http2_reason cause);
