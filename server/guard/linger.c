#include "server/guard/linger.h"

#include "async/clock.h"
#include "text/duration.h"
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* No byte more from the client, nor one that it acknowledges, for so long. */
#define QUIET_NS       (2 * NS_PER_SECOND)
#define DRAIN_QUIET_NS (NS_PER_SECOND / 2)

#define MOST_NS    (10 * NS_PER_SECOND)
#define MOST_BYTES ((size_t)64 << 20)

bool linger_is_over(const struct connection *connection, int64_t quiet_since_ns, int64_t now_ns)
{
    int64_t quiet_ns = connection->loop->draining ? DRAIN_QUIET_NS : QUIET_NS;
    return now_ns - quiet_since_ns >= quiet_ns || now_ns - connection->lingers_since_ns >= MOST_NS;
}

void linger_end(struct connection *connection)
{
    connection->loop->connections.libh2o.close(connection->socket);
}

/* ---- dropping what comes --------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested_bytes, uv_buf_t *buffer)
{
    struct connection *connection = (struct connection *)(void *)handle;
    struct connections *connections = &connection->loop->connections;
    (void)suggested_bytes;
    *buffer = uv_buf_init(connections->dropped, sizeof connections->dropped);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct connection *connection = (struct connection *)(void *)stream;
    (void)buffer;
    if (count > 0)
        connection->dropped_bytes += (size_t)count;
    if (count < 0 || connection->dropped_bytes > MOST_BYTES)
        linger_end(connection);
}

/* ---- closing --------------------------------------------------------------------------------- */

/* Behind a request that its client called the last nothing comes, unless it has come already. */
static void shut_sending(h2o_socket_t *socket, const char *error)
{
    struct connection *connection = socket->on_close.data;
    int fd = quick_stream_fd(&connection->stream);
    int in_kernel = 0;
    if (connection->says_last)
        (void)ioctl(fd, FIONREAD, &in_kernel);
    if (error != NULL || (connection->says_last && in_kernel == 0))
        linger_end(connection);
    else
        (void)shutdown(fd, SHUT_WR);
}

struct goodbye {
    uv_write_t write;
    struct connection *connection;
    char bytes[128];
};

static void on_goodbye_written(uv_write_t *write, int status)
{
    struct connection *connection = ((struct goodbye *)(void *)write)->connection;
    if (!uv_is_closing((uv_handle_t *)&connection->stream.tcp))
        shut_sending(connection->socket, status == 0 ? NULL : h2o_socket_error_io);
}

/* TLS ends with a word of its own (RFC 8446, section 6.1): without it an answer that ends with its
   connection would look broken off. Quiet is what libh2o needs (ports/tls.c), and it has no way to
   write what it did not encrypt. */
static int encrypt_goodbye(SSL *ssl, char *bytes, int size)
{
    BIO *written = BIO_new(BIO_s_mem());
    if (written == NULL)
        return 0;
    SSL_set0_wbio(ssl, written);
    SSL_set_quiet_shutdown(ssl, 0);
    ERR_clear_error();
    (void)SSL_shutdown(ssl);
    SSL_set_quiet_shutdown(ssl, 1);
    return BIO_read(written, bytes, size);
}

static void say_goodbye(h2o_socket_t *socket, const char *error)
{
    struct connection *connection = socket->on_close.data;
    struct goodbye *goodbye = calloc(1, sizeof *goodbye);
    free(connection->last_words);
    connection->last_words = goodbye;
    int length = goodbye == NULL || error != NULL
                     ? 0
                     : encrypt_goodbye(connection->ssl, goodbye->bytes, sizeof goodbye->bytes);
    if (length <= 0) {
        shut_sending(socket, error);
        return;
    }
    goodbye->connection = connection;
    uv_buf_t buffer = uv_buf_init(goodbye->bytes, (unsigned)length);
    uv_stream_t *stream = (uv_stream_t *)&connection->stream.tcp;
    if (uv_write(&goodbye->write, stream, &buffer, 1, on_goodbye_written) != 0)
        linger_end(connection);
}

/* libh2o's name: it calls this for its own. */
void h2o_socket_close(h2o_socket_t *socket)
{
    struct connection *connection = socket->on_close.data;
    bool has_goodbye = connection->ssl != NULL && SSL_is_init_finished(connection->ssl);
    h2o_socket_cb on_written = has_goodbye ? say_goodbye : shut_sending;
    bool has_left = connection->stream.has_ended && !connection->input_shut;
    bool at_once = connection->http2 != NULL || has_left || connection->loop->killing;
    uv_stream_t *stream = (uv_stream_t *)&connection->stream.tcp;
    connection->lingers_since_ns = clock_now_ns();
    if (at_once || uv_read_start(stream, on_alloc, on_read) != 0) {
        linger_end(connection);
        return;
    }
    /* Nobody reads it any more, and what it was refused for may be its size. */
    h2o_buffer_dispose(&socket->input);
    h2o_buffer_init(&socket->input, &h2o_socket_buffer_prototype);
    if (h2o_socket_is_writing(socket))
        socket->_cb.write = on_written;
    else
        on_written(socket, NULL);
}
