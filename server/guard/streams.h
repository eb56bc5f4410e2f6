/*
 * Streams of an HTTP/2 connection that do not get on: requests that never become whole, answers
 * that their client does not let out. Thread: the loop's.
 */
#pragma once

#include "server/base/h2o.h"
#include "server/guard/gate_frames.h"

struct connection;
struct st_h2o_http2_conn_t;

/* How many of its requests have not reached their handler yet. */
uint64_t streams_unfinished(const struct st_h2o_http2_conn_t *http2);

/* HTTP2_NONE, or why the connection is to be cut off: one of its streams is over a time-out. */
enum http2_reason streams_judge(struct connection *connection, int64_t now_ns);
