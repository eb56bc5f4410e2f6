#include "server/accept/protocol.h"

#include "server/accept/proxy_protocol.h"
#include "server/guard/gate.h"
#include "server/telemetry/notices.h"
#include <h2o/http1.h>

static void open_http1(struct connection *connection)
{
    struct loop *loop = connection->loop;
    connection->is_http1 = true;
    h2o_http1_accept(&loop->accept, connection->socket, *h2o_get_timestamp(&loop->h2o, NULL, NULL));
}

/* ---- with TLS -------------------------------------------------------------------------------- */

/* libh2o keeps the SSL to itself, but its BIO leads to the socket, and the socket to our record. */
int protocol_hello(SSL *ssl, int *alert, void *context)
{
    (void)context;
    const h2o_socket_t *socket = BIO_get_data(SSL_get_rbio(ssl));
    if (socket == NULL) {
        *alert = SSL_AD_INTERNAL_ERROR;
        return SSL_CLIENT_HELLO_ERROR;
    }
    struct connection *connection = socket->on_close.data;
    connection->ssl = ssl;
    return SSL_CLIENT_HELLO_SUCCESS;
}

static void on_hands_shaken(h2o_socket_t *socket, const char *error)
{
    struct connection *connection = socket->on_close.data;
    struct metrics *metrics = connection->loop->metrics;
    /*
     * libh2o reads on behind the handshake and overlooks that it may fail there, on junk that came
     * in the same packet. The first answer would then be written to an SSL that takes nothing, and
     * libuv aborts the process over a write of no buffers.
     */
    bool is_good = error == NULL && SSL_is_init_finished(connection->ssl);
    connection->is_shaking = false;
    counter_add(is_good ? &metrics->tls_done : &metrics->tls_failed, 1);
    if (!is_good) {
        h2o_socket_close(socket);
        return;
    }
    h2o_iovec_t chosen = h2o_socket_ssl_get_selected_protocol(socket);
    if (h2o_memis(chosen.base, chosen.len, H2O_STRLIT("h2")))
        gate_open(connection);
    else
        open_http1(connection);
}

/* ---- without TLS ----------------------------------------------------------------------------- */

/* HTTP/1 is known by its first byte that is different, most often the very first. */
static void on_first_bytes(h2o_socket_t *socket, const char *error)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    size_t size = socket->input->size;
    size_t compared = size < PREFACE_BYTES ? size : PREFACE_BYTES;
    if (error != NULL)
        h2o_socket_close(socket);
    else if (memcmp(socket->input->bytes, preface, compared) != 0)
        open_http1(socket->on_close.data);
    else if (compared == PREFACE_BYTES)
        gate_open(socket->on_close.data);
}

/* ---- behind a proxy -------------------------------------------------------------------------- */

/* Bytes may have come already; who is called here takes them for the first. */
static void greet(struct connection *connection)
{
    h2o_socket_t *socket = connection->socket;
    bool may_be_http2 = connection->loop->config->http2 == CONFIG_ON;
    if (connection->is_tls) {
        connection->is_shaking = true;
        connection->tls = tls_context(&connection->loop->shared->tls);
        h2o_socket_ssl_handshake(socket, connection->tls, NULL, on_hands_shaken);
    } else if (may_be_http2 && !connection->is_admin) {
        h2o_socket_read_start(socket, on_first_bytes);
        if (socket->input->size > 0)
            on_first_bytes(socket, NULL);
    } else {
        open_http1(connection);
    }
}

static void on_proxy_header(h2o_socket_t *socket, const char *error)
{
    struct connection *connection = socket->on_close.data;
    const struct loop *loop = connection->loop;
    struct proxy_header header;
    if (error != NULL) {
        h2o_socket_close(socket);
        return;
    }
    enum proxy_verdict verdict =
        proxy_header_read((const uint8_t *)socket->input->bytes, socket->input->size, &header);
    if (verdict == PROXY_UNFINISHED)
        return;
    if (verdict == PROXY_BAD) {
        counter_add(&loop->metrics->cuts[CUT_NOT_PROXIED], 1);
        notice_not_proxied(loop->log, connection->peer);
        h2o_socket_close(socket);
        return;
    }
    if (verdict == PROXY_CLIENT)
        connection_stands_for(connection, &header.client);
    h2o_buffer_consume(&socket->input, header.length);
    connection->is_shaking = false;
    greet(connection);
}

void protocol_open(struct connection *connection)
{
    bool is_proxied =
        connection->loop->config->proxy_protocol == CONFIG_ON && !connection->is_admin;
    if (!is_proxied) {
        greet(connection);
        return;
    }
    connection->is_shaking = true;
    h2o_socket_read_start(connection->socket, on_proxy_header);
}
