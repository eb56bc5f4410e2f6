/*
 * One request and its answer, as the connection, the log and the traces see them: what is known of
 * a request from the moment that anybody asks until libh2o disposes of it. HTTP/1 has one at a time
 * on a connection, HTTP/2 up to a hundred.
 *
 * Owner: HTTP/1's lies in its connection's record, so that it costs nothing; HTTP/2's lies in its
 * request's pool. libh2o's req->env, which nothing else uses here, points to it. Thread: the
 * loop's.
 */
#pragma once

#include "server/base/h2o.h"
#include "server/base/list.h"
#include "server/telemetry/trace.h"
#include <stdint.h>

struct connection;
struct showing;

struct request {
    h2o_iovec_t env; /* first: what req->env points to; always empty */
    h2o_req_t *req;
    struct connection *connection;
    struct showing *showing; /* while it has a run; NULL before, after and without */
    const char *request_id;  /* NULL until asked for */
    int64_t at_ns;           /* when it reached its handler; 0: it never did */
    int64_t tasks;           /* that it asked for */
    int route;               /* ROUTES for any path that is none */
    struct link sending;     /* HTTP/2: in connection->sending while its client has to take bytes */
    int64_t stuck_since_ns;  /* no byte of it has left since, as the sweep saw it; 0: not looked */
    size_t sent_then;        /* and so many had */
};

/* Makes it; request_of() does so when it is asked for the first time. */
struct request *request_begin(h2o_req_t *req);

static inline struct request *request_of(h2o_req_t *req)
{
    return req->env.entries != NULL ? (struct request *)req->env.entries : request_begin(req);
}

static inline bool request_is_http2(const struct request *request)
{
    return request->req->version >= 0x200;
}

/*
 * The client's X-Request-Id when it is well-formed, else one of ours. NUL-terminated, in the
 * request's memory; the same at each call.
 */
const char *request_id(h2o_req_t *req);

/* The ids of its traceparent. */
struct trace trace_of(const h2o_req_t *req);

/* Bytes of its answer are given to libh2o; libh2o has given all of them to the client. */
void request_sends(struct request *request);
void request_has_sent(struct request *request);

/* libh2o is about to dispose of the request. */
void request_end(struct request *request);
