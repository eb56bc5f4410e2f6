#include "server/http/request.h"

#include "server/api/routes.h"
#include "server/loop/loop.h"
#include <string.h>

struct request *request_begin(h2o_req_t *req)
{
    struct connection *connection = connection_of(req);
    struct request *request = req->version >= 0x200
                                  ? h2o_mem_alloc_pool(&req->pool, sizeof *request)
                                  : &connection->request;
    *request = (struct request){.req = req, .connection = connection, .route = ROUTES};
    req->env.entries = &request->env;
    connection->in_flight++;
    connection->begun++;
    return request;
}

void request_sends(struct request *request)
{
    request->stuck_since_ns = 0;
    if (request_is_http2(request) && !list_has(&request->sending))
        list_append(&request->connection->sending, &request->sending);
}

void request_has_sent(struct request *request)
{
    list_remove(&request->sending);
}

void request_end(struct request *request)
{
    struct connection *connection = request->connection;
    list_remove(&request->sending);
    connection->in_flight--;
    connection->served++;
    /* It was only there to be told 503. HTTP/1 closes by itself after that. */
    if (connection->over_limit && connection->gate != NULL && connection->in_flight == 0)
        connection_kill(connection);
}

static h2o_iovec_t header_of(const h2o_req_t *req, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, name, strlen(name), -1);
    return at == -1 ? (h2o_iovec_t){NULL, 0} : req->headers.entries[at].value;
}

const char *request_id(h2o_req_t *req)
{
    struct request *request = request_of(req);
    if (request->request_id != NULL)
        return request->request_id;
    h2o_iovec_t given = header_of(req, "x-request-id");
    if (id_is_well_formed(given.base, given.len)) {
        request->request_id = h2o_strdup(&req->pool, given.base, given.len).base;
    } else {
        char *id = h2o_mem_alloc_pool(&req->pool, ID_BYTES);
        id_make(&request->connection->loop->ids, id);
        request->request_id = id;
    }
    return request->request_id;
}

struct trace trace_of(const h2o_req_t *req)
{
    h2o_iovec_t parent = header_of(req, "traceparent");
    return trace_parse(parent.base, parent.len);
}
