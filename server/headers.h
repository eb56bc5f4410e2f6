/*
 * Response headers that every answer of awaitd has. Thread: the request's loop.
 */
#pragma once

#include "server/h2o.h"

/* What may be asked of every endpoint; the only list of it. */
#define ALLOWED_METHODS "GET, HEAD, OPTIONS"

/* Sets status, reason, content type and the common headers; the length stays unknown. */
void headers_set(h2o_req_t *req, int status, const char *content_type);

/* Adds one; `name` as it is to be sent, `value` lives as long as the request. */
void headers_add(h2o_req_t *req, const char *name, const char *value);

/* Server-Timing: total;dur=1000.4 (W3C Server Timing), in milliseconds. */
void headers_add_timing(h2o_req_t *req, int64_t duration_ns);
