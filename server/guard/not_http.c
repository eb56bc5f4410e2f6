#include "server/guard/not_http.h"

#include "server/http/bare_answer.h"
#include "server/telemetry/notices.h"

static const char libh2os[] = "HTTP/1.1 400 Bad Request\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Connection: close\r\n"
                              "Content-Length: 11\r\n\r\n"
                              "Bad Request";

static h2o_iovec_t explain(struct connection *connection)
{
    struct problem problem;
    counter_add(&connection->loop->metrics->cuts[CUT_UNPARSABLE], 1);
    notice_not_http(connection->loop->log, connection->client);
    (void)refuse(&problem, 400, NULL,
                 "This is no HTTP/1.1 request that can be read, or it has more than 100 header "
                 "fields or 16 KiB of them (RFC 9112, sections 3 and 5).");
    return bare_answer(connection, &problem);
}

/* libh2o's name: it calls this for its own. */
void h2o_socket_write(h2o_socket_t *sock, h2o_iovec_t *bufs, size_t bufcnt, h2o_socket_cb cb)
{
    struct connection *connection = sock->on_close.data;
    h2o_iovec_t ours = {NULL, 0};
    if (bufcnt == 1 && h2o_memis(bufs->base, bufs->len, H2O_STRLIT(libh2os)))
        ours = explain(connection);
    connection->loop->connections.libh2o.write(sock, ours.len > 0 ? &ours : bufs, bufcnt, cb);
}

static void on_told(h2o_socket_t *socket, const char *error)
{
    (void)socket;
    (void)error;
}

void not_http_give_up(struct connection *connection)
{
    h2o_socket_t *socket = connection->socket;
    h2o_socket_cb on_read = socket->_cb.read;
    struct problem problem;
    (void)refuse(&problem, 408, NULL,
                 "The request was not complete within request_timeout, it is closed.");
    h2o_iovec_t answer = bare_answer(connection, &problem);
    h2o_socket_read_stop(socket);
    if (answer.len > 0)
        h2o_socket_write(socket, &answer, 1, on_told);
    on_read(socket, h2o_socket_error_closed);
}
