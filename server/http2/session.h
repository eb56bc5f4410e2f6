/*
 * A connection that speaks HTTP/2: the record that all of this room works on. It stands where
 * libh2o's own HTTP/2 would: an h2o_conn_t for libh2o, whose requests lie in streams (stream.h),
 * and a session of nghttp2, which knows frames, HPACK, flow control and the life of streams.
 *
 *     input.c    bytes from the socket -> nghttp2 -> heads and bodies
 *     incoming.c heads and bodies -> requests
 *     stream.c   one request, its answer and its end
 *     output.c   answers -> nghttp2 -> bytes to the socket
 *     ending.c   GOAWAY, for whatever reason
 *     timeouts.c what takes too long
 *     limits.c   what there is too much of
 *     engine.c   what all sessions of a loop share
 *     http2.c    what the rooms above call
 *
 * Owner: itself, from http2_open() until its socket is closed; connection->http2 points to it.
 * Thread: the loop's.
 */
#pragma once

#include "server/http2/engine.h"
#include "server/http2/limits.h"
#include "server/loop/connection.h"

enum phase {
    SESSION_OPEN,
    SESSION_FLOODED,   /* nothing more is read; what runs is finished */
    SESSION_LINGERING, /* its last byte is written, and the client is given time to take it */
    SESSION_LOST,      /* the client is gone: it closes as soon as no write is in flight */
};

struct stream;

struct session {
    h2o_conn_t conn; /* first: libh2o hands it back */
    struct connection *connection;
    struct engine *engine;
    nghttp2_session *nghttp2; /* NULL once it lingers */
    h2o_socket_cb read;       /* input.c's, for whoever starts to read again */
    enum phase phase;
    uint8_t *output;           /* is being written; NULL: nothing is */
    int64_t output_held_bytes; /* of the budget, for it; 0: it is small, and in the price */
    int64_t fields_held_bytes; /* of the budget, for a header block that comes in, and the table */
    uint64_t written_bytes;    /* so far */
    size_t answered_bytes;     /* of answers, since timeouts.c looked */
    int64_t looked_ns;         /* which was then */
    struct link talking;       /* in engine->talking */
    struct link streams;       /* struct stream, by `link`: all that there are */
    struct link ended;         /* by `turn`: over, as soon as the write in flight is done */
    struct link taken;         /* by `turn`: have given all they had, and are asked for more then */
    struct limits limits;
    int64_t now_ns;            /* when the bytes at hand were read */
    struct stream *heading;    /* whose head is being read; NULL: nobody wants these fields */
    enum http2_reason verdict; /* on them, so far */
    bool has_reset;            /* a stream: its client may not know yet, and go on sending */
    bool has_data;             /* the DATA frame at hand had any */
    int64_t warned_ns;         /* the first of a drain's two GOAWAYs was sent then; 0: none was */
    bool is_last_named;        /* the second was sent */
    int64_t lingers_since_ns;
    size_t lingered_bytes; /* that came since, and were dropped */
};

/* There may be something to write: it is looked at before the loop's turn ends. */
static inline void session_talk(struct session *session)
{
    if (!list_has(&session->talking))
        list_append(&session->engine->talking, &session->talking);
}

static inline struct session *session_of(const h2o_socket_t *socket)
{
    const struct connection *connection = socket->on_close.data;
    return connection->http2;
}
