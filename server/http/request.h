/*
 * A request, from the moment that anybody asks for it until libh2o disposes of it: the one context
 * that is handed on from the first check to the last byte and the log's line. HTTP/1 has one at a
 * time on a connection, HTTP/2 up to http2_max_streams.
 *
 * Owner: it lies in the memory of libh2o's request; libh2o's req->env, which nothing else uses
 * here, points to it. Thread: the loop's.
 */
#pragma once

#include "server/base/method.h"
#include "server/http/route.h"
#include "server/loop/connection.h"

struct request {
    h2o_iovec_t env; /* what req->env points to; always empty */
    h2o_req_t *req;
    struct connection *connection;
    struct loop *loop;
    const struct config *config;
    const struct route *route; /* NULL: a path that is none */
    struct showing *showing;   /* while it has a run; NULL before, after and without */
    struct stream *stream;     /* while it looks on at runs; else NULL */
    const char *id;            /* NULL until request_id() is asked */
    int64_t at_ns;             /* when it reached its handler; 0: it never did */
    int64_t tasks;             /* so many hi() it asked for */
    int64_t held_bytes;        /* so many of max_held are its own until it ends, its run aside */
    int refusal;               /* the status that its head is answered with over HTTP/2; 0: none */
    enum method method;
    bool is_http2;
    bool is_unanswered; /* its run has begun, and libh2o has not been given its last byte */
};

/* The record of libh2o's request. Whoever asks first has it made. */
struct request *request_of(h2o_req_t *req);

/* To be called when libh2o is about to dispose of the request. */
void request_end(struct request *request);

/* What a line in a log names it by: the client's X-Request-Id where one is well-formed, else one
   that is made here. The same at each call. */
const char *request_id(struct request *request);

/* Whom it comes from: the client that trusted proxies name, or else the connection's; `text` may be
   where that stands. */
const char *request_client(const struct request *request, char text[ADDRESS_TEXT_BYTES]);

/* The caller's span, from its traceparent; two of them are none (W3C Trace Context). */
struct trace request_trace(const struct request *request);
