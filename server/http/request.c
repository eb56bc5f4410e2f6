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
        .is_http2 = connection->gate != NULL,
    };
    req->env.entries = &request->env;
    if (!request->is_http2)
        connection->request = request;
    connection->in_flight++;
    connection->begun++;
    return request;
}

void request_sends(struct request *request)
{
    request->stuck_since_ns = 0;
    if (request->is_http2 && !list_has(&request->sending))
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
    connection->request = NULL;
    connection->in_flight--;
    connection->served++;
    /* It was only there to be told 503. HTTP/1 closes by itself after that. */
    if (connection->over_limit && request->is_http2 && connection->in_flight == 0)
        connection_kill(connection);
}
