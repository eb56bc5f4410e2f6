/*
 * Connections: taking them over, and noticing when their client leaves.
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

#include "server/base/h2o.h"
#include "server/base/list.h"
#include "server/guard/gate.h"
#include "server/http/request.h"
#include "server/loop/quick_stream.h"
#include <netinet/in.h>
#include <stdint.h>

struct port;
struct loop;

/* What a connection is doing, as the sweep sees it. */
enum activity {
    ACTIVITY_IDLE,    /* between requests */
    ACTIVITY_READING, /* part of a request has come */
    ACTIVITY_RUNNING, /* its request is being handled */
    ACTIVITY_WRITING, /* part of an answer has not been taken yet */
    ACTIVITY_SHAKING, /* hands: TLS is not there yet */
};

struct connection {
    uv_tcp_t tcp; /* first: libuv's handle and this record are freed as one */
    struct link link;
    struct loop *loop;
    h2o_socket_t *socket;
    struct quick_stream quick;
    SSL_CTX *tls;            /* a reference, until it is closed; NULL without TLS */
    SSL *ssl;                /* libh2o's, once the client has said hello */
    bool is_shaking;         /* TLS is not there yet */
    struct gate *gate;       /* NULL but for HTTP/2 */
    struct request request;  /* HTTP/1's one request at a time */
    struct link sending;     /* struct request: HTTP/2's whose client has to take bytes */
    int64_t in_flight;       /* requests that libh2o has not disposed of */
    uint64_t begun;          /* requests so far */
    bool is_watched;         /* for its hanging up, past bytes that nobody wants yet */
    bool client_left;        /* the client has left, or sends nothing more */
    bool input_shut;         /* we have closed its way in: no sign of the client's leaving */
    bool counts_as_open;     /* of max_connections; an operator's needs none */
    bool over_limit;         /* taken on only to be told 503 */
    bool is_admin;           /* came in on the admin port */
    enum activity activity;  /* at the last sweep, */
    int64_t active_since_ns; /* unchanged since, */
    uint64_t served;         /* requests ended so far, */
    uint64_t served_then;    /* and by then, */
    size_t unsent_then;      /* with so many bytes waiting to be sent */
    char client[INET6_ADDRSTRLEN];
};

struct connections {
    struct link open;
    int64_t count;
    int64_t over_limit_count;
    int64_t admin_count;
    int epoll_fd;
    uv_poll_t hang_ups;
};

/* Returns 0 or a negative libuv error. */
int connections_init(struct loop *loop);

/* Takes over an accepted descriptor. Past max_connections its requests are answered 503;
   an operator's never are. */
void connection_open(struct loop *loop, int fd, const struct sockaddr_storage *peer,
                     const struct port *port);

/* The record of the connection that a request came in on. */
struct connection *connection_of(h2o_req_t *req);

/* Its client has left, or sends nothing more: ends what it waits for. */
void connection_hung_up(struct connection *connection);

/* Has that noticed also where bytes are waiting that are not read. */
void connection_watch_hang_up(struct connection *connection);

/* Cuts it off. libh2o notices and closes it; a request that waits must still be answered. */
void connection_kill(struct connection *connection);

int connection_fd(const struct connection *connection);

enum activity connection_activity(const struct connection *connection);

/* Told to stop: those that idle after a request send no more. What
   they have sent is still served. */
void connections_close_idle(struct loop *loop);

/*
 * Told to stop: this answer is its connection's last, unless there is more from the client behind
 * the request. (libh2o's own flag for it, shutdown_requested, would drop what is pipelined; closing
 * with bytes unread would moreover reset the connection, and lose an answer that is still on its
 * way.)
 */
void connection_end_if_draining(h2o_req_t *req);

void connections_kill_all(struct loop *loop);

/* Stops watching; no connection may be open. */
void connections_close(struct connections *connections);
