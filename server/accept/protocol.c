#include "server/accept/protocol.h"

#include "server/accept/proxy_protocol.h"
#include "server/http2/http2.h"
#include "server/http2/limits.h"
#include "server/telemetry/notices.h"
#include <h2o/http1.h>
#include <openssl/err.h>
#include <sys/socket.h>

static void open_http1(struct connection *connection)
{
    struct loop *loop = connection->loop;
    connection->is_http1 = true;
    h2o_http1_accept(&loop->accept, connection->socket, *h2o_get_timestamp(&loop->h2o, NULL, NULL));
}

/* ---- the wrong port -------------------------------------------------------------------------- */

#define PROBLEM(detail)                                                                            \
    "{\"type\": \"about:blank\", \"title\": \"Bad Request\", \"status\": 400, \"detail\": "        \
    "\"" detail "\"}\n"
#define ANSWER(length, problem)                                                                    \
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"  \
    "Content-Length: " length "\r\n\r\n" problem

#define NOT_TLS   PROBLEM("This port speaks TLS: ask it with https://.")
#define NOT_PLAIN PROBLEM("This port speaks plain HTTP: ask it with http://.")

_Static_assert(sizeof NOT_TLS - 1 == 120 && sizeof NOT_PLAIN - 1 == 126, "as said below");

static const char not_tls[] = ANSWER("120", NOT_TLS);
static const char not_plain[] = ANSWER("126", NOT_PLAIN);

/* A TLS record of a handshake (RFC 8446, section 5.1). An SSLv2 hello is OpenSSL's to refuse. */
static bool begins_tls(const h2o_socket_t *socket)
{
    unsigned char first = (unsigned char)socket->input->bytes[0];
    return first == SSL3_RT_HANDSHAKE || first == 0x80;
}

/* Past libh2o, which has written nothing to this connection yet. */
static void send_at_once(const struct connection *connection, const void *bytes, size_t length)
{
    (void)send(quick_stream_fd(&connection->stream), bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- with TLS -------------------------------------------------------------------------------- */

/*
 * libh2o keeps the SSL to itself, but its BIO leads to the socket, and the socket to our record.
 *
 * And it closes without flushing, so that a client would not get the alert that says why. While
 * nothing is encrypted, which is as long as the hello is looked at, an alert's record is easily
 * made again (RFC 8446, sections 5.1 and 6).
 */
void protocol_message(int is_written, int version, int kind, const void *message, size_t length,
                      SSL *ssl, void *unused)
{
    const h2o_socket_t *socket = BIO_get_data(SSL_get_rbio(ssl));
    OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl);
    (void)unused;
    if (socket == NULL)
        return;
    struct connection *connection = socket->on_close.data;
    connection->ssl = ssl;
    if (!is_written || kind != SSL3_RT_ALERT || length != 2 ||
        (state != TLS_ST_BEFORE && state != TLS_ST_SR_CLNT_HELLO))
        return;
    int sent_as = version >= SSL3_VERSION && version <= TLS1_2_VERSION ? version : TLS1_2_VERSION;
    const unsigned char *alert = message;
    const unsigned char record[] = {
        SSL3_RT_ALERT, (unsigned char)(sent_as >> 8), (unsigned char)sent_as, 0, 2, alert[0],
        alert[1]};
    send_at_once(connection, record, sizeof record);
}

/* `reason` is NULL when the client has just left, as port scanners and probes do: no line. */
static void fail(struct connection *connection, const char *reason)
{
    counter_add(&connection->loop->metrics->tls_failed, 1);
    if (reason != NULL)
        notice_tls_failed(connection->loop->log, connection->client, reason);
    h2o_socket_close(connection->socket);
}

static void on_hands_shaken(h2o_socket_t *socket, const char *error)
{
    struct connection *connection = socket->on_close.data;
    bool has_left = error == h2o_socket_error_closed || error == h2o_socket_error_io;
    /*
     * libh2o reads on behind the handshake and overlooks that it may fail there, on junk that came
     * in the same packet. The first answer would then be written to an SSL that takes nothing, and
     * libuv aborts the process over a write of no buffers.
     */
    bool is_good =
        error == NULL && connection->ssl != NULL && SSL_is_init_finished(connection->ssl);
    connection->is_shaking = false;
    if (!is_good) {
        fail(connection, has_left ? NULL : ERR_reason_error_string(ERR_peek_error()));
        return;
    }
    SSL_set_msg_callback(connection->ssl, NULL);
    counter_add(&connection->loop->metrics->tls_done, 1);
    h2o_iovec_t chosen = h2o_socket_ssl_get_selected_protocol(socket);
    if (h2o_memis(chosen.base, chosen.len, H2O_STRLIT("h2")))
        http2_open(connection);
    else
        open_http1(connection);
}

static void on_first_bytes_of_tls(h2o_socket_t *socket, const char *error)
{
    struct connection *connection = socket->on_close.data;
    h2o_socket_read_stop(socket);
    if (error != NULL) {
        fail(connection, NULL);
    } else if (!begins_tls(socket)) {
        send_at_once(connection, not_tls, sizeof not_tls - 1);
        fail(connection, "plain HTTP or junk on the port for TLS");
    } else {
        connection->tls = tls_context(&connection->loop->shared->tls);
        h2o_socket_ssl_handshake(socket, connection->tls, NULL, on_hands_shaken);
    }
}

/* ---- without TLS ----------------------------------------------------------------------------- */

/* HTTP/1 is known by its first byte that is different, most often the very first. */
static void on_first_bytes(h2o_socket_t *socket, const char *error)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    struct connection *connection = socket->on_close.data;
    bool may_be_http2 = connection->loop->config->http2 == CONFIG_ON && !connection->is_admin;
    size_t size = socket->input->size;
    size_t compared = size < PREFACE_BYTES ? size : PREFACE_BYTES;
    if (error == NULL && begins_tls(socket)) {
        counter_add(&connection->loop->metrics->cuts[CUT_UNPARSABLE], 1);
        notice_tls_failed(connection->loop->log, connection->client,
                          "TLS on the port for plain HTTP");
        send_at_once(connection, not_plain, sizeof not_plain - 1);
    }
    if (error != NULL || begins_tls(socket))
        h2o_socket_close(socket);
    else if (!may_be_http2 || memcmp(socket->input->bytes, preface, compared) != 0)
        open_http1(connection);
    else if (compared == PREFACE_BYTES)
        http2_open(connection);
}

/* ---- behind a proxy -------------------------------------------------------------------------- */

/* Bytes may have come already; who is called here takes them for the first. */
static void greet(struct connection *connection)
{
    h2o_socket_t *socket = connection->socket;
    h2o_socket_cb on_first = connection->is_tls ? on_first_bytes_of_tls : on_first_bytes;
    connection->is_shaking = connection->is_tls;
    h2o_socket_read_start(socket, on_first);
    if (socket->input->size > 0)
        on_first(socket, NULL);
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
