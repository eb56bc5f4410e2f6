/*
 * A connection: its record, taking it over from accept(), and noticing when its client leaves.
 *
 * libh2o stops reading an HTTP/1 socket while its request waits, so it would not see a client
 * leave. quick_stream.h looks on and does. Where bytes came that nobody wants yet, the end is
 * behind them: for those connections each loop keeps a second epoll set that asks for nothing but
 * EPOLLRDHUP, watched by the libuv loop as one descriptor (docs/decisions/0005-hang-up.md).
 *
 * Owner: a connection's record holds its uv_tcp_t and lives until libuv has closed that.
 * Thread: the loop's.
 */
#pragma once

#include "server/loop/loop.h"
#include "text/address.h"
#include <sys/socket.h>

struct port;
struct request;
struct session;

/* How far it had got when the sweep looked last: guard/sweep.c writes and reads it, but for its
 * start. */
struct progress {
    int activity;            /* enum activity: what it was doing */
    int64_t since_ns;        /* since when it does that, without a sign of progress */
    uint64_t served;         /* requests ended by then */
    size_t unsent_bytes;     /* bytes that its client had not taken then */
    size_t dropped_bytes;    /* of its client's, by then */
    int64_t taking_since_ns; /* since when its client takes the one answer, */
    uint64_t taken_bytes;    /* of which it had so much then */
};

/* The most that a request's head may have; over HTTP/2 a header block. */
#define HEAD_BYTES 16384

/* The same of its path, up to the `?`. The longest that there is has 13. */
#define PATH_BYTES 1024

/* An answer must be taken within write_timeout, and a second for each so many bytes. */
#define LEAST_BYTES_IN_SECOND 1000

/* What guard/head.c has seen of the head that is coming in; that alone writes it. */
struct head {
    h2o_socket_cb read; /* libh2o's own, which is called behind ours */
    uint64_t request;   /* the connection's first, second, ...; 0: none yet */
    size_t seen_bytes;  /* so many had come when it was looked at last */
    int64_t held_bytes; /* of the budget, for the buffer that it is read into */
    int refusal;        /* the status to answer it with; 0: none */
    bool is_whole;
    bool is_cut; /* its connection, for want of room for a body */
};

struct connection {
    struct quick_stream stream; /* holds libuv's handle: both are freed as one */
    struct link link;           /* in its loop's connections.open */
    struct loop *loop;
    h2o_socket_t *socket;
    SSL_CTX *tls;            /* a reference, held until it is closed; NULL without TLS */
    SSL *ssl;                /* libh2o's, once the client has said hello */
    struct session *http2;   /* NULL but for HTTP/2 */
    struct request *request; /* HTTP/1's, while it has one; NULL for HTTP/2 */
    int64_t in_flight;       /* requests that libh2o has not disposed of */
    int64_t streams;         /* HTTP/2's, with those whose request is still coming in */
    uint64_t begun;          /* requests so far */
    uint64_t served;         /* requests ended so far */
    bool is_tls;             /* its port speaks TLS */
    bool is_http1;           /* libh2o reads it as HTTP/1 */
    bool is_shaking;         /* a PROXY header is not there yet, or the TLS handshake not over */
    bool is_watched;         /* its end is noticed also behind bytes that nobody wants yet */
    bool client_left;        /* its client has hung up, or sends nothing more */
    bool says_last;          /* its client said that this request is the last (HTTP/1) */
    bool ends_answer;        /* its end is the only sign that an answer is whole (HTTP/1.0) */
    bool input_shut;         /* we read no more: its end is no sign of the client's leaving */
    bool counts_as_open;     /* it is one of max_connections; an operator's is not */
    bool over_limit;         /* it was taken on only to be told 503 */
    bool is_admin;           /* it came in on the admin port */
    struct progress progress;
    int64_t lingers_since_ns;    /* 0: it does not; guard/linger.c alone writes the two */
    size_t dropped_bytes;        /* since then */
    void *last_words;            /* what is written of our own, freed with it; NULL */
    int64_t taken[BUDGET_ITEMS]; /* by its requests, of what all share */
    struct head head;
    bool is_trusted;                 /* what its client says of whom it asks for counts */
    char client[ADDRESS_TEXT_BYTES]; /* its address, or "unix" */
    char peer[ADDRESS_TEXT_BYTES];   /* the same, unless that is a proxy with a header */
};

/* Returns 0 or a negative libuv error. */
int connections_init(struct loop *loop);

/* Stops watching; no connection may be open. */
void connections_close(struct loop *loop);

/* Takes over an accepted descriptor. Past max_connections its requests are answered 503; an
   operator's never are. NULL: it was closed, and counted. */
struct connection *connection_open(struct loop *loop, int fd, const struct sockaddr_storage *peer,
                                   const struct port *port);

/* Its peer is a proxy, and says who the client is. Changes nothing if only others are trusted. */
void connection_stands_for(struct connection *connection, const struct address *client);

/* The connection that a request came in on. */
struct connection *connection_of(h2o_req_t *req);

/* quick_stream.h's on_unwanted hook: finds out whether the client has left. */
void connection_look(struct quick_stream *stream);

/* Cuts it off. Whoever reads it notices and closes it; a request of HTTP/1 that waits must still be
   answered. Where the client would take the cut for the answer's end, it is a reset. */
void connection_kill(struct connection *connection);
