/*
 * Streams of an HTTP/2 connection that do not get on: requests that never become whole, answers
 * that their client does not let out. Thread: the loop's.
 */
#pragma once

#include "server/loop/connection.h"
#include "server/telemetry/reasons.h"

struct st_h2o_http2_conn_t;

/* Requests that are half there, as the sweep saw them last. */
struct unfinished {
    int64_t since_ns; /* 0: there was none */
    uint32_t up_to;   /* the highest stream by then */
};

/* How many of its requests have not reached their handler yet. */
uint64_t streams_unfinished(const struct st_h2o_http2_conn_t *http2);

/* HTTP2_NONE, or why the connection is to be cut off: one of its streams is over a time-out. */
enum http2_reason streams_judge(struct connection *connection, struct unfinished *unfinished,
                                int64_t now_ns);
