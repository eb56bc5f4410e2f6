#include "server/headers.h"

#include "server/connection.h"
#include "server/status.h"
#include "server/trace.h"
#include "views/put.h"
#include <string.h>

#define LONGEST_NAME 48

void headers_add(h2o_req_t *req, const char *name, const char *value)
{
    size_t length = strlen(name);
    h2o_iovec_t lower = h2o_strdup(&req->pool, name, length);
    h2o_strtolower(lower.base, lower.len);
    h2o_add_header_by_str(&req->pool, &req->res.headers, lower.base, length, 1, name, value,
                          strlen(value));
}

void headers_set(h2o_req_t *req, int status, const char *content_type)
{
    connection_end_if_draining(req);
    req->res.status = status;
    req->res.reason = status_reason(status);
    if (content_type != NULL)
        headers_add(req, "Content-Type", content_type);
    headers_add(req, "Cache-Control", "no-store");
    headers_add(req, "X-Content-Type-Options", "nosniff");
    headers_add(req, "Access-Control-Allow-Origin", "*");
    headers_add(req, "X-Request-Id", request_id(req));
}

void headers_add_timing(h2o_req_t *req, int64_t duration_ns)
{
    char *value = h2o_mem_alloc_pool(&req->pool, LONGEST_NAME);
    char *at = put_text(value, "total;dur=");
    /* Seconds of a thousandth of a nanosecond each are milliseconds. */
    at = put_seconds(at, duration_ns < INT64_MAX / 1000 ? duration_ns * 1000 : INT64_MAX, 3);
    *at = '\0';
    headers_add(req, "Server-Timing", value);
}
