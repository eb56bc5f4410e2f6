#include "server/http/request.h"

#include "server/http/forwarded.h"
#include "server/loop/budget.h"

struct request *request_of(h2o_req_t *req)
{
    if (req->env.entries != NULL)
        return container_of(req->env.entries, struct request, env);
    struct connection *connection = connection_of(req);
    struct request *request = h2o_mem_alloc_pool(&req->pool, sizeof *request);
    *request = (struct request){
        .req = req,
        .connection = connection,
        .loop = connection->loop,
        .config = connection->loop->config,
        .method = method_of(req->input.method.base, req->input.method.len),
        .is_http2 = connection->http2 != NULL,
    };
    req->env.entries = &request->env;
    if (!request->is_http2)
        connection->request = request;
    connection->in_flight++;
    connection->begun++;
    return request;
}

void request_end(struct request *request)
{
    struct connection *connection = request->connection;
    budget_give(connection, BUDGET_HELD, request->held_bytes);
    connection->request = NULL;
    connection->ends_answer = false;
    connection->in_flight--;
    connection->served++;
}

/* Empty where there is none; and where there are two, as nobody can tell whose is right. */
static struct text header_of(const h2o_req_t *req, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, name, strlen(name), -1);
    if (at == -1 || h2o_find_header_by_str(&req->headers, name, strlen(name), at) != -1)
        return (struct text){"", 0};
    h2o_iovec_t value = req->headers.entries[at].value;
    return text_trim((struct text){value.base, value.len});
}

const char *request_id(struct request *request)
{
    h2o_mem_pool_t *pool = &request->req->pool;
    if (request->id != NULL)
        return request->id;
    struct text given = header_of(request->req, "x-request-id");
    if (id_is_well_formed(given.bytes, given.length)) {
        request->id = h2o_strdup(pool, given.bytes, given.length).base;
    } else {
        char *id = h2o_mem_alloc_pool(pool, ID_BYTES);
        id_make(&request->loop->ids, id);
        request->id = id;
    }
    return request->id;
}

struct trace request_trace(const struct request *request)
{
    struct text parent = header_of(request->req, "traceparent");
    return trace_parse(parent.bytes, parent.length);
}

/* From the last of its fields to the first. Returns whether there is one. */
static bool follow_fields(const struct request *request, const char *name,
                          enum forwarded_field field, struct hops *hops)
{
    const h2o_headers_t *headers = &request->req->headers;
    const struct trusted *trusted = &request->loop->shared->trusted;
    bool is_there = false;
    bool goes_on = true;
    for (size_t i = headers->size; goes_on && i-- > 0;) {
        const h2o_header_t *header = &headers->entries[i];
        if (!text_is((struct text){header->name->base, header->name->len}, name))
            continue;
        is_there = true;
        goes_on = forwarded_follow((struct text){header->value.base, header->value.len}, field,
                                   trusted, hops);
    }
    return is_there;
}

/* A proxy writes one of the two, and may hand on the other as its client sent it: where both are
   there, they must say the same. */
const char *request_client(const struct request *request, char text[ADDRESS_TEXT_BYTES])
{
    struct hops one = {.is_any = false};
    struct hops other = {.is_any = false};
    if (!request->connection->is_trusted)
        return request->connection->client;
    bool has_one = follow_fields(request, "forwarded", FORWARDED, &one);
    bool has_other = follow_fields(request, "x-forwarded-for", X_FORWARDED_FOR, &other);
    bool agree = one.is_any && other.is_any && address_is(&one.last, &other.last);
    const struct hops *hops = has_one ? &one : &other;
    if (!hops->is_any || (has_one && has_other && !agree))
        return request->connection->client;
    address_print(&hops->last, text);
    return text;
}
