#include "server/http2/output.h"

#include "async/clock.h"
#include "server/http2/ending.h"
#include "server/http2/stream.h"
#include "server/loop/budget.h"
#include "text/duration.h"
#include <stdlib.h>
#include <sys/socket.h>

#define LINGER_NS         NS_PER_SECOND
#define LINGER_MOST_BYTES (1 << 20)

static void on_written(h2o_socket_t *socket, const char *error);

/* ---- the end --------------------------------------------------------------------------------- */

static void give_output(struct session *session)
{
    if (session->output_held_bytes == 0)
        free(session->output);
    else if (session->output != NULL)
        engine_give_output(session->engine, session->output);
    budget_give(session->connection, BUDGET_HELD, session->output_held_bytes);
    session->output_held_bytes = 0;
    session->output = NULL;
}

static void give_nghttp2(struct session *session)
{
    nghttp2_session_del(session->nghttp2); /* tells nobody of the streams, but all are gone */
    session->nghttp2 = NULL;
    budget_give(session->connection, BUDGET_HELD, session->fields_held_bytes);
    session->fields_held_bytes = 0;
}

static void close_session(struct session *session)
{
    struct connection *connection = session->connection;
    list_remove(&session->talking);
    give_output(session);
    give_nghttp2(session);
    connection->http2 = NULL;
    connection->loop->connections.libh2o.close(connection->socket);
    free(session);
}

static void dispose_all(struct session *session)
{
    list_each(&session->streams, at) stream_dispose(container_of(at, struct stream, link));
}

/* The socket is not closed under a write: its buffer is ours, and libuv's until then. */
void output_lose(struct session *session)
{
    h2o_socket_t *socket = session->connection->socket;
    dispose_all(session);
    if (session->output == NULL) {
        close_session(session);
        return;
    }
    if (session->phase == SESSION_LOST)
        return;
    session->phase = SESSION_LOST;
    h2o_socket_read_stop(socket);
    connection_kill(session->connection);
}

static void linger(struct session *session)
{
    struct connection *connection = session->connection;
    dispose_all(session);
    give_nghttp2(session);
    session->phase = SESSION_LINGERING;
    session->lingers_since_ns = clock_now_ns();
    (void)shutdown(quick_stream_fd(&connection->stream), SHUT_WR);
    h2o_socket_read_start(connection->socket, session->read);
}

void output_drop(struct session *session, size_t bytes)
{
    session->lingered_bytes += bytes;
    if (session->lingered_bytes > LINGER_MOST_BYTES)
        output_lose(session);
}

void output_sweep(struct session *session, int64_t now_ns)
{
    if (session->phase == SESSION_LINGERING && now_ns - session->lingers_since_ns >= LINGER_NS)
        output_lose(session);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* What was written, and what nghttp2 took without writing: streams that are over, and those that
   have more to give. */
static void settle(struct session *session)
{
    while (!list_is_empty(&session->ended))
        stream_dispose(container_of(session->ended.next, struct stream, turn));
    if (session->connection->over_limit && session->connection->served > 0)
        ending_unneeded(session, "max_connections"); /* it was only there to be told 503 */
    while (!list_is_empty(&session->taken)) {
        struct link *first = session->taken.next;
        list_remove(first);
        h2o_proceed_response(&container_of(first, struct stream, turn)->req);
    }
}

/* Its client may leave it unread: it is paid for, or small. libh2o copies what it encrypts. */
static void take_output(struct session *session)
{
    struct connection *connection = session->connection;
    int64_t bytes = connection->tls != NULL ? INT64_C(2) * OUTPUT_ROOM_BYTES : OUTPUT_ROOM_BYTES;
    bool is_paid = budget_take(connection, BUDGET_HELD, bytes);
    session->output_held_bytes = is_paid ? bytes : 0;
    session->output =
        is_paid ? engine_take_output(session->engine) : malloc(OUTPUT_SMALL_ROOM_BYTES);
}

ssize_t output_most_data(nghttp2_session *nghttp2, uint8_t type, int32_t id, int32_t window,
                         int32_t stream_window, uint32_t frame_bytes, void *user_data)
{
    const struct session *session = user_data;
    (void)nghttp2;
    (void)type;
    (void)id;
    (void)window;
    (void)stream_window;
    return session->output_held_bytes == 0 ? OUTPUT_SMALL_BYTES : (ssize_t)frame_bytes;
}

/* Returns how many bytes; negative: nghttp2 cannot go on. */
static ssize_t fill_output(struct session *session)
{
    const uint8_t *frame;
    size_t gathered = 0;
    ssize_t length = 1;
    bool is_small = session->output_held_bytes == 0;
    size_t most = is_small ? OUTPUT_SMALL_BYTES : OUTPUT_GATHER_BYTES;
    size_t room = is_small ? OUTPUT_SMALL_ROOM_BYTES : OUTPUT_ROOM_BYTES;
    while (length > 0 && gathered < most) {
        length = nghttp2_session_mem_send(session->nghttp2, &frame);
        if (length < 0 || gathered + (size_t)length > room)
            return -1;
        if (length > 0)
            memcpy(session->output + gathered, frame, (size_t)length);
        gathered += (size_t)length;
    }
    return (ssize_t)gathered;
}

/* After a connection error nghttp2 wants nothing any more, whatever runs. */
static bool is_done(const struct session *session)
{
    if (session->phase == SESSION_FLOODED && list_is_empty(&session->streams))
        return true;
    return nghttp2_session_want_read(session->nghttp2) == 0 &&
           nghttp2_session_want_write(session->nghttp2) == 0;
}

void output_write(struct session *session)
{
    list_remove(&session->talking);
    if (session->output != NULL || session->phase >= SESSION_LINGERING)
        return;
    take_output(session);
    ssize_t length = session->output == NULL ? -1 : fill_output(session);
    if (length > 0) {
        h2o_iovec_t bytes = {(char *)session->output, (size_t)length};
        session->written_bytes += (size_t)length;
        session->connection->loop->connections.libh2o.write(session->connection->socket, &bytes, 1,
                                                            on_written);
        return;
    }
    give_output(session);
    if (length < 0) {
        output_lose(session);
        return;
    }
    settle(session);
    if (is_done(session))
        linger(session);
}

static void on_written(h2o_socket_t *socket, const char *error)
{
    struct session *session = session_of(socket);
    give_output(session);
    if (error != NULL || session->phase == SESSION_LOST) {
        output_lose(session);
        return;
    }
    settle(session);
    if (session->phase == SESSION_OPEN && !h2o_socket_is_reading(socket))
        h2o_socket_read_start(socket, session->read);
    output_write(session);
}
