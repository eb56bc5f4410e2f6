#include "server/http2/http2.h"

#include "async/clock.h"
#include "server/http2/ending.h"
#include "server/http2/incoming.h"
#include "server/http2/input.h"
#include "server/http2/output.h"
#include "server/http2/timeouts.h"

bool http2_init(struct loop *loop)
{
    loop->http2 = engine_new();
    if (loop->http2 == NULL)
        return false;
    input_set_callbacks(loop->http2->callbacks);
    return true;
}

void http2_close(struct loop *loop)
{
    engine_free(loop->http2);
}

/* ---- opening --------------------------------------------------------------------------------- */

static socklen_t get_own_name(h2o_conn_t *conn, struct sockaddr *address)
{
    return h2o_socket_getsockname(((struct session *)conn)->connection->socket, address);
}

static socklen_t get_peer_name(h2o_conn_t *conn, struct sockaddr *address)
{
    return h2o_socket_getpeername(((struct session *)conn)->connection->socket, address);
}

static h2o_socket_t *get_socket(h2o_conn_t *conn)
{
    return ((struct session *)conn)->connection->socket;
}

static const h2o_conn_callbacks_t callbacks = {
    .get_sockname = get_own_name,
    .get_peername = get_peer_name,
    .get_socket = get_socket,
};

/* A server begins with SETTINGS (RFC 9113, section 3.4). HPACK's table keeps its 4096 bytes:
   HAProxy, nginx and older Go never tell that they heard of fewer, which nghttp2 takes for an
   error. */
static bool begin(struct session *session)
{
    const struct config *config = session->connection->loop->config;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, (uint32_t)config->http2_max_streams},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HEAD_BYTES},
    };
    session->nghttp2 = engine_open(session->engine, session);
    return session->nghttp2 != NULL &&
           nghttp2_submit_settings(session->nghttp2, NGHTTP2_FLAG_NONE, settings,
                                   sizeof settings / sizeof *settings) == 0;
}

void http2_open(struct connection *connection)
{
    struct loop *loop = connection->loop;
    h2o_context_t *context = &loop->h2o;
    struct session *session = (struct session *)h2o_create_connection(
        sizeof *session, context, loop->accept.hosts, *h2o_get_timestamp(context, NULL, NULL),
        &callbacks);
    *session = (struct session){.conn = session->conn,
                                .connection = connection,
                                .engine = loop->http2,
                                .read = input_on_read,
                                .now_ns = clock_now_ns()};
    session->looked_ns = session->now_ns;
    connection->http2 = session;
    list_init(&session->streams);
    list_init(&session->ended);
    list_init(&session->taken);
    limits_init(&session->limits, session->now_ns);
    if (!begin(session)) {
        output_lose(session);
        return;
    }
    if (loop->draining)
        ending_warn(session, session->now_ns);
    h2o_socket_read_start(connection->socket, input_on_read);
    input_on_read(connection->socket, NULL);
}

/* ---- what the loop tells --------------------------------------------------------------------- */

void http2_write_all(struct loop *loop)
{
    struct link *talking = &loop->http2->talking;
    while (!list_is_empty(talking))
        output_write(container_of(talking->next, struct session, talking));
}

void http2_client_left(struct connection *connection)
{
    if (!h2o_socket_is_reading(connection->socket))
        output_lose(connection->http2);
}

bool http2_sweep(struct connection *connection, int64_t now_ns)
{
    timeouts_sweep(connection->http2, now_ns);
    return connection->http2 != NULL;
}

bool http2_is_busy(const struct connection *connection)
{
    const struct session *session = connection->http2;
    return !list_is_empty(&session->streams) || session->phase == SESSION_LINGERING;
}

uint64_t http2_written_bytes(const struct connection *connection)
{
    return connection->http2->written_bytes;
}

void http2_close_idle(struct connection *connection)
{
    ending_unneeded(connection->http2, "idle");
}

void http2_kill(struct connection *connection)
{
    output_lose(connection->http2);
}

void http2_drain(struct loop *loop)
{
    int64_t now_ns = clock_now_ns();
    list_each(&loop->connections.open, at)
    {
        const struct connection *connection = container_of(at, struct connection, link);
        if (connection->http2 != NULL)
            ending_warn(connection->http2, now_ns);
    }
}
