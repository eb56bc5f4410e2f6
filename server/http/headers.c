#include "server/http/headers.h"

#include "text/put.h"

/* Room is made for so many at once, so that most answers ask for memory once. */
#define USUAL_HEADERS 9

/* Room for a value that is written here. */
#define VALUE_BYTES 48

struct name {
    h2o_iovec_t lower;  /* for HTTP/2 (RFC 9113, section 8.2) */
    const char *proper; /* for HTTP/1, where people read it */
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

/* h2o_add_header_by_str() would look the name up, copy it and lower-case it, for every answer. */
void header_add(h2o_req_t *req, enum header header, const char *value)
{
    h2o_headers_t *all = &req->res.headers;
    if (all->size == all->capacity)
        h2o_vector_reserve(&req->pool, all, all->size + USUAL_HEADERS);
    all->entries[all->size++] = (h2o_header_t){
        .name = (h2o_iovec_t *)&names[header].lower,
        .orig_name = names[header].proper,
        .value = {(char *)value, strlen(value)},
    };
}

void header_add_timing(h2o_req_t *req, int64_t duration_ns)
{
    char *value = h2o_mem_alloc_pool(&req->pool, VALUE_BYTES);
    *put_milliseconds(put_text(value, "total;dur="), duration_ns) = '\0';
    header_add(req, HEADER_SERVER_TIMING, value);
}

void header_add_retry_after(h2o_req_t *req, int64_t seconds)
{
    char *value = h2o_mem_alloc_pool(&req->pool, VALUE_BYTES);
    *put_number(value, (uint64_t)seconds) = '\0';
    header_add(req, HEADER_RETRY_AFTER, value);
}
