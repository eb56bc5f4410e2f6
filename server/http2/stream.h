/*
 * One request of an HTTP/2 connection, on its stream: libh2o's h2o_req_t, what comes in for it, and
 * the end of libh2o's chain of ostreams, from which nghttp2 takes the answer.
 *
 * Its life: stream_open() at the first byte of its head; what incoming.h brings; then either
 * stream_handle() when it is whole, or stream_refuse() with a status of its own. When nghttp2
 * closes the stream, it is disposed of: at once if it was reset, else after its last bytes are
 * written.
 *
 * Owner: its session. Thread: the loop's.
 */
#pragma once

#include "server/http2/session.h"

struct stream {
    h2o_ostream_t answer; /* first: libh2o hands it back */
    struct session *session;
    struct link link; /* in session->streams */
    struct link turn; /* in session->ended or session->taken */
    int32_t id;
    bool is_handled;      /* its answer is somebody's task, whether the request was whole or not */
    bool is_answering;    /* the answer's head is given to nghttp2 */
    bool is_last;         /* so is the last of its body, or lies in `pieces` */
    bool is_hungry;       /* libh2o is to be asked for more when `pieces` is done */
    bool is_reset_noted;  /* who reset it, or why, is known */
    bool is_stuck;        /* its client did not let its answer out when timeouts.c looked */
    bool awaits_continue; /* Expect: 100-continue */
    bool expects_more;    /* Expect: anything else */
    int64_t content_length; /* -1: it did not say */
    size_t head_bytes;
    size_t head_cost;    /* of memory, as long as it was kept */
    int refusal;         /* the status to answer its head with; 0: none so far */
    int64_t price_bytes; /* 0: the connection's price has it, as it was the only one */
    int64_t held_bytes;  /* of the budget: its price, and its head if that is large */
    h2o_iovec_t host;
    char *body; /* what came of it, where it is to be read; malloc()'s */
    size_t body_room_bytes;
    H2O_VECTOR(h2o_iovec_t) pieces; /* of the answer, in libh2o's memory */
    size_t at;                 /* the first of them that is not done; the rest of it is in it */
    int64_t since_ns;          /* began then, or its answer has not moved since; timeouts.c's */
    int64_t late_ns;           /* its client held it back, less what it took; timeouts.c's */
    size_t sent_then;          /* so many bytes of its answer had left when timeouts.c looked */
    h2o_timeout_entry_t reset; /* to come, once its early answer has had time to arrive */
    h2o_req_t req;             /* last: it is large, and cleared by libh2o */
};

/* NULL: there is no memory, or no more to be held. */
struct stream *stream_open(struct session *session, int32_t id);

/* Has the budget pay for so many bytes of its own in all. False: there are not so many. */
bool stream_pay(struct stream *stream, size_t bytes);

/* Nothing more comes for it. */
void stream_handle(struct stream *stream);

/* Answers with an error of this status before it is whole. The client may still be sending. */
void stream_refuse(struct stream *stream, int status);

/* Ends it for a reason that is known: nobody counts it any more. `code` as in RFC 9113, section 7.
 */
void stream_reset(struct stream *stream, uint32_t code);

/* nghttp2 has written the end of its answer. */
void stream_end_answer(struct stream *stream);

/* Ends what runs for it, logs it and frees it. */
void stream_dispose(struct stream *stream);
