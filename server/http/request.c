#include "server/http/request.h"

#include "server/api/routes.h"
#include "server/loop/connection.h"

struct exchange *exchange_begin(h2o_req_t *req)
{
    struct connection *connection = connection_of(req);
    struct exchange *exchange = req->version >= 0x200
                                    ? h2o_mem_alloc_pool(&req->pool, sizeof *exchange)
                                    : &connection->exchange;
    *exchange = (struct exchange){.req = req, .connection = connection, .route = ROUTES};
    req->env.entries = &exchange->env;
    connection->in_flight++;
    connection->begun++;
    return exchange;
}

void exchange_sends(struct exchange *exchange)
{
    exchange->stuck_since_ns = 0;
    if (exchange_is_http2(exchange) && !list_has(&exchange->sending))
        list_append(&exchange->connection->sending, &exchange->sending);
}

void exchange_has_sent(struct exchange *exchange)
{
    list_remove(&exchange->sending);
}

void exchange_end(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    list_remove(&exchange->sending);
    connection->in_flight--;
    connection->served++;
    /* It was only there to be told 503. HTTP/1 closes by itself after that. */
    if (connection->over_limit && connection->gate != NULL && connection->in_flight == 0)
        connection_kill(connection);
}
