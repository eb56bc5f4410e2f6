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
    HEADER_REQUEST_ID,
    HEADER_VARY,
    HEADER_SERVER_TIMING,
    HEADER_RETRY_AFTER,
    HEADER_ALLOW,
    HEADER_ALLOW_METHODS,
    HEADER_ALLOW_HEADERS,
    HEADER_MAX_AGE,
    HEADERS,
};

/* Sets status, reason, content type (or NULL) and the common headers; the length stays unknown. */
void headers_set(h2o_req_t *req, int status, const char *content_type);

/* Adds one; `value` lives as long as the request. */
void headers_add(h2o_req_t *req, enum header header, const char *value);

/* Server-Timing: total;dur=1000.4 (W3C Server Timing), in milliseconds. */
void headers_add_timing(h2o_req_t *req, int64_t duration_ns);
