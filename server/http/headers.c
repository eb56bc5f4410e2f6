#include "server/http/headers.h"

#include "server/base/status.h"
#include "server/http/request.h"
#include "server/loop/connection.h"
#include "text/put.h"
#include <string.h>

/* Room is made for so many at once; an answer with more makes some more. */
#define USUAL_HEADERS 9

#define LONGEST_TIMING 48

struct name {
    h2o_iovec_t lower;  /* HTTP/2; RFC 9113, section 8.2 */
    const char *proper; /* HTTP/1, where people read it */
};

#define NAME(lower, proper)                                                                        \
    {                                                                                              \
        {(char *)(lower), sizeof(lower) - 1}, (proper)                                             \
    }

static const struct name names[HEADERS] = {
    [HEADER_SERVER] = NAME("server", "Server"),
    [HEADER_CONTENT_TYPE] = NAME("content-type", "Content-Type"),
    [HEADER_CACHE_CONTROL] = NAME("cache-control", "Cache-Control"),
    [HEADER_CONTENT_TYPE_OPTIONS] = NAME("x-content-type-options", "X-Content-Type-Options"),
    [HEADER_ALLOW_ORIGIN] = NAME("access-control-allow-origin", "Access-Control-Allow-Origin"),
    [HEADER_REQUEST_ID] = NAME("x-request-id", "X-Request-Id"),
    [HEADER_VARY] = NAME("vary", "Vary"),
    [HEADER_SERVER_TIMING] = NAME("server-timing", "Server-Timing"),
    [HEADER_RETRY_AFTER] = NAME("retry-after", "Retry-After"),
    [HEADER_ALLOW] = NAME("allow", "Allow"),
    [HEADER_ALLOW_METHODS] = NAME("access-control-allow-methods", "Access-Control-Allow-Methods"),
    [HEADER_ALLOW_HEADERS] = NAME("access-control-allow-headers", "Access-Control-Allow-Headers"),
    [HEADER_MAX_AGE] = NAME("access-control-max-age", "Access-Control-Max-Age"),
};

static void make_room(h2o_req_t *req, size_t more)
{
    h2o_headers_t *all = &req->res.headers;
    if (all->size + more > all->capacity)
        h2o_vector_reserve(&req->pool, all, all->size + more);
}

/* h2o_add_header_by_str() would look the name up, copy it and lower-case it, for every answer. */
static void add(h2o_req_t *req, enum header header, const char *value, size_t length)
{
    make_room(req, 1);
    req->res.headers.entries[req->res.headers.size++] = (h2o_header_t){
        .name = (h2o_iovec_t *)&names[header].lower,
        .orig_name = names[header].proper,
        .value = {(char *)value, length},
    };
}

void headers_add(h2o_req_t *req, enum header header, const char *value)
{
    add(req, header, value, strlen(value));
}

void headers_set(h2o_req_t *req, int status, const char *content_type)
{
    connection_end_if_draining(req);
    request_sends(request_of(req));
    req->res.status = status;
    req->res.reason = status_reason(status);
    make_room(req, USUAL_HEADERS);
    add(req, HEADER_SERVER, H2O_STRLIT("awaitd"));
    add(req, HEADER_CACHE_CONTROL, H2O_STRLIT("no-store"));
    add(req, HEADER_CONTENT_TYPE_OPTIONS, H2O_STRLIT("nosniff"));
    add(req, HEADER_ALLOW_ORIGIN, H2O_STRLIT("*"));
    if (content_type != NULL)
        headers_add(req, HEADER_CONTENT_TYPE, content_type);
    headers_add(req, HEADER_REQUEST_ID, request_id(req));
}

void headers_add_timing(h2o_req_t *req, int64_t duration_ns)
{
    char *value = h2o_mem_alloc_pool(&req->pool, LONGEST_TIMING);
    char *at = put_text(value, "total;dur=");
    /* Seconds of a thousandth of a nanosecond each are milliseconds. */
    at = put_seconds(at, duration_ns < INT64_MAX / 1000 ? duration_ns * 1000 : INT64_MAX, 3);
    add(req, HEADER_SERVER_TIMING, value, (size_t)(at - value));
}
