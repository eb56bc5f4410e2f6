/*
 * Which request a line in a log belongs to: X-Request-Id, and W3C Trace Context's traceparent.
 * Thread: the request's loop.
 */
#pragma once

#include "server/base/h2o.h"
#include <stdint.h>

/* Makes ids that no two processes or threads share by chance; one for each loop thread. */
struct request;

struct id_source {
    uint64_t state[2];
};

void id_source_init(struct id_source *source);

/*
 * The request's id: the client's X-Request-Id when it is well-formed ([A-Za-z0-9._-], 1 to 128 of
 * them), else one of ours, 32 hexadecimal digits. NUL-terminated, in the request's memory; the same
 * at each call.
 */
const char *request_id(struct request *request);

/* The ids of a traceparent, as they stand in it; empty where there is none or it is malformed. */
struct trace {
    h2o_iovec_t trace_id; /* 32 hexadecimal digits */
    h2o_iovec_t span_id;  /* 16: the caller's span */
};

struct trace trace_of(const h2o_req_t *req);
