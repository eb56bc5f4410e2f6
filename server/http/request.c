#include "server/http/request.h"

struct request *request_of(h2o_req_t *req)
{
    if (req->env.entries != NULL)
        return (struct request *)(void *)req->env.entries;
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
    connection->request = NULL;
    connection->in_flight--;
    connection->served++;
}

static h2o_iovec_t header_of(const h2o_req_t *req, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, name, strlen(name), -1);
    return at == -1 ? (h2o_iovec_t){NULL, 0} : req->headers.entries[at].value;
}

const char *request_id(struct request *request)
{
    h2o_mem_pool_t *pool = &request->req->pool;
    if (request->id != NULL)
        return request->id;
    h2o_iovec_t given = header_of(request->req, "x-request-id");
    if (id_is_well_formed(given.base, given.len)) {
        request->id = h2o_strdup(pool, given.base, given.len).base;
    } else {
        char *id = h2o_mem_alloc_pool(pool, ID_BYTES);
        id_make(&request->loop->ids, id);
        request->id = id;
    }
    return request->id;
}

struct trace request_trace(const struct request *request)
{
    h2o_iovec_t parent = header_of(request->req, "traceparent");
    return trace_parse(parent.base, parent.len);
}
