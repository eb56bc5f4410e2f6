/*
 * The gate before libh2o's HTTP/2, which has holes that Debian's package will keep: it can be
 * crashed, wedged and filled by a few well-chosen frames (docs/decisions/0012-http2-gate.md,
 * docs/threats.md). Each connection has one, between its socket and libh2o:
 *   - nothing is handed to libh2o while it writes. What comes in meanwhile waits, and when too much
 *     does, nothing more is read;
 *   - frames are looked at before they are handed over (gate_frames.h);
 *   - streams that come to nothing are counted.
 * Who goes too far is cut off, with a reason: in GOAWAY if there is a way, in a metric, in the log.
 *
 * HTTP/1 has none and pays nothing. Owner: the connection's record; freed with it. Thread: the
 * loop's. gate.c and streams.c are the only files that look into libh2o's HTTP/2.
 */
#pragma once

#include "server/guard/gate_frames.h"
#include "server/guard/streams.h"

struct gate {
    struct connection *connection;
    struct gate_frames frames;
    h2o_socket_cb read; /* libh2o's, in whose places ours are */
    h2o_socket_cb write;
    h2o_timeout_cb emit;
    bool has_begun;  /* libh2o has seen the client's preface */
    bool has_failed; /* the client is gone, or has broken TLS: nothing can be written */
    bool is_killed;
    uint64_t left; /* streams that ended while libh2o read: the client, or its error, ended them */
    uint64_t abandoned_then;  /* at the beginning of the time in which they are counted, */
    int64_t counted_since_ns; /* which was this */
    struct unfinished unfinished;
};

/* Hands the connection to libh2o as HTTP/2, with what has come so far. It may be closed when this
   returns. */
void gate_open(struct connection *connection);

/* It has been idle for too long: GOAWAY, and no more. */
void gate_close_idle(struct gate *gate);

/* Cuts the connection off, once. Not to be called out of libh2o. */
void gate_kill(struct gate *gate, enum http2_reason cause);
