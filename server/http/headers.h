/*
 * Response headers. Their names are prepared once, as HTTP/1 and as HTTP/2 write them, so that an
 * answer copies pointers and formats nothing. Thread: the request's loop.
 */
#pragma once

#include "server/base/h2o.h"

enum header {
    HEADER_SERVER,
    HEADER_CONTENT_TYPE,
    HEADER_CACHE_CONTROL,
    HEADER_CONTENT_TYPE_OPTIONS,
    HEADER_ALLOW_ORIGIN,
    HEADER_EXPOSE_HEADERS,
    HEADER_TIMING_ALLOW_ORIGIN,
    HEADER_REQUEST_ID,
    HEADER_VARY,
    HEADER_SERVER_TIMING,
    HEADER_RETRY_AFTER,
    HEADER_ALLOW,
    HEADER_ALLOW_METHODS,
    HEADER_ALLOW_HEADERS,
    HEADER_MAX_AGE,
    HEADER_KEEP_ALIVE,
    HEADER_ACCEL_BUFFERING,
    HEADER_ETAG,
    HEADER_CONTENT_ENCODING,
    HEADER_SECURITY_POLICY,
    HEADER_REFERRER_POLICY,
    HEADERS,
};

/* Adds one; `value` lives as long as the request. */
void header_add(h2o_req_t *req, enum header header, const char *value);

/* Gives one that was added another value. */
void header_set(h2o_req_t *req, enum header header, const char *value);

/* Adds those that all answers have, with room for as many more as most have, so that adding them
   asks for memory once. */
void headers_add_usual(h2o_req_t *req);

/* The same as HTTP/1 writes them, each with its line's end. At most 512 bytes. */
char *headers_put_usual(char *at);

/* Server-Timing: total;dur=1000.4 (W3C Server Timing), in milliseconds. */
void header_add_timing(h2o_req_t *req, int64_t duration_ns);

/* Retry-After: 1 (RFC 9110, section 10.2.3). */
void header_add_retry_after(h2o_req_t *req, int64_t seconds);
