/*
 * HTTP/2 (RFC 9113), by nghttp2 in libh2o's slot for protocols (docs/decisions/0012-http2.md). What
 * the rooms above know of it.
 *
 * Thread: the loop's.
 */
#pragma once

#include "server/loop/connection.h"

/* What the loop's connections share. False: there is no memory. */
bool http2_init(struct loop *loop);
void http2_close(struct loop *loop);

/* Takes over a connection that speaks HTTP/2, with what has come so far. It may be closed when this
   returns. */
void http2_open(struct connection *connection);

/* Writes what there is to say, on all of the loop's connections: before each wait for events, and
   wherever answers have just been made. */
void http2_write_all(struct loop *loop);

/* The client has left while nothing was read. */
void http2_client_left(struct connection *connection);

/* Told to stop: every client is. */
void http2_drain(struct loop *loop);

/* Looks at what takes too long on it. False: it is closed. */
bool http2_sweep(struct connection *connection, int64_t now_ns);

/* It has streams, or lingers at its end: time-outs that http2_sweep() keeps. */
bool http2_is_busy(const struct connection *connection);

/* To its client, so far. */
uint64_t http2_written_bytes(const struct connection *connection);

/* It has been idle for too long: GOAWAY, and no more. */
void http2_close_idle(struct connection *connection);

/* Cuts it off: what runs is cancelled. */
void http2_kill(struct connection *connection);
