#include "server/http/headers.h"

#include "text/put.h"

/* Room is made for so many at once, so that most answers ask for memory once. */
#define MOST_ANSWERS_HEADERS 13

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
    [HEADER_EXPOSE_HEADERS] =
        NAME("access-control-expose-headers", "Access-Control-Expose-Headers"),
    [HEADER_TIMING_ALLOW_ORIGIN] = NAME("timing-allow-origin", "Timing-Allow-Origin"),
    [HEADER_REQUEST_ID] = NAME("x-request-id", "X-Request-Id"),
    [HEADER_VARY] = NAME("vary", "Vary"),
    [HEADER_SERVER_TIMING] = NAME("server-timing", "Server-Timing"),
    [HEADER_RETRY_AFTER] = NAME("retry-after", "Retry-After"),
    [HEADER_ALLOW] = NAME("allow", "Allow"),
    [HEADER_ALLOW_METHODS] = NAME("access-control-allow-methods", "Access-Control-Allow-Methods"),
    [HEADER_ALLOW_HEADERS] = NAME("access-control-allow-headers", "Access-Control-Allow-Headers"),
    [HEADER_MAX_AGE] = NAME("access-control-max-age", "Access-Control-Max-Age"),
    [HEADER_KEEP_ALIVE] = NAME("keep-alive", "Keep-Alive"),
    [HEADER_ACCEL_BUFFERING] = NAME("x-accel-buffering", "X-Accel-Buffering"),
    [HEADER_ETAG] = NAME("etag", "ETag"),
    [HEADER_CONTENT_ENCODING] = NAME("content-encoding", "Content-Encoding"),
    [HEADER_SECURITY_POLICY] = NAME("content-security-policy", "Content-Security-Policy"),
    [HEADER_REFERRER_POLICY] = NAME("referrer-policy", "Referrer-Policy"),
};

#define USUAL(header, proper, value)                                                               \
    {                                                                                              \
        (h2o_iovec_t *)&names[header].lower, (proper),                                             \
        {                                                                                          \
            (char *)(value), sizeof(value) - 1                                                     \
        }                                                                                          \
    }

/* A script from anywhere may read the answer, with what it says in headers, and how long it took.
   (Fetch, section 3.2; Resource Timing, section 4.5.1) */
static const h2o_header_t usual[] = {
    USUAL(HEADER_SERVER, "Server", "awaitd"),
    USUAL(HEADER_CACHE_CONTROL, "Cache-Control", "no-store"),
    USUAL(HEADER_CONTENT_TYPE_OPTIONS, "X-Content-Type-Options", "nosniff"),
    USUAL(HEADER_ALLOW_ORIGIN, "Access-Control-Allow-Origin", "*"),
    USUAL(HEADER_EXPOSE_HEADERS, "Access-Control-Expose-Headers",
          "X-Request-Id, Server-Timing, Retry-After, Allow, ETag"),
    USUAL(HEADER_TIMING_ALLOW_ORIGIN, "Timing-Allow-Origin", "*"),
};

#define USUAL_COUNT (sizeof usual / sizeof usual[0])

void headers_add_usual(h2o_req_t *req)
{
    h2o_headers_t *all = &req->res.headers;
    h2o_vector_reserve(&req->pool, all, all->size + MOST_ANSWERS_HEADERS);
    memcpy(&all->entries[all->size], usual, sizeof usual);
    all->size += USUAL_COUNT;
}

char *headers_put_usual(char *at)
{
    for (size_t i = 0; i < USUAL_COUNT; i++) {
        at = put_text(put_text(at, usual[i].orig_name), ": ");
        at = put_text(put_bytes(at, usual[i].value.base, usual[i].value.len), "\r\n");
    }
    return at;
}

/* h2o_add_header_by_str() would look the name up, copy it and lower-case it, for every answer. */
void header_add(h2o_req_t *req, enum header header, const char *value)
{
    h2o_headers_t *all = &req->res.headers;
    if (all->size == all->capacity)
        h2o_vector_reserve(&req->pool, all, all->size + MOST_ANSWERS_HEADERS);
    all->entries[all->size++] = (h2o_header_t){
        .name = (h2o_iovec_t *)&names[header].lower,
        .orig_name = names[header].proper,
        .value = {(char *)value, strlen(value)},
    };
}

void header_set(h2o_req_t *req, enum header header, const char *value)
{
    for (size_t i = 0; i < req->res.headers.size; i++)
        if (req->res.headers.entries[i].name == &names[header].lower)
            req->res.headers.entries[i].value = h2o_iovec_init(value, strlen(value));
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
