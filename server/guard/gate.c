#include "server/guard/gate.h"

#include "async/clock.h"
#include "server/guard/http2.h"
#include "server/telemetry/notices.h"
#include <stdlib.h>
#include <sys/socket.h>

/* More waits in the kernel, and makes the client wait. */
#define DEFERRED_MOST_BYTES 32768

#define COUNTED_NS 10000000000

/* RFC 9113, section 7; libh2o wants them negative. */
#define NO_ERROR          0
#define ENHANCE_YOUR_CALM (-11)

static void on_read(h2o_socket_t *socket, const char *error);
static void on_written(h2o_socket_t *socket, const char *error);

static h2o_http2_conn_t *http2_of(const struct gate *gate)
{
    return gate->connection->socket->data;
}

/* Its record outlives it until the end of the loop's turn. */
static bool is_open(const struct gate *gate)
{
    return list_has(&gate->connection->link);
}

/* Whatever libh2o was called for, it may have put its own callbacks back. */
static void stand_between(struct gate *gate)
{
    h2o_socket_t *socket = gate->connection->socket;
    if (socket->_cb.read != NULL && socket->_cb.read != on_read) {
        gate->read = socket->_cb.read;
        socket->_cb.read = on_read;
    }
    if (socket->_cb.write != NULL && socket->_cb.write != on_written) {
        gate->write = socket->_cb.write;
        socket->_cb.write = on_written;
    }
}

/* ---- cutting off ----------------------------------------------------------------------------- */

static void drop_input(h2o_socket_t *socket)
{
    h2o_buffer_consume(&socket->input, socket->input->size);
}

/* A server begins with SETTINGS (RFC 9113, section 3.4). libh2o's leave when it has seen the
   preface, which it never has when what came with that was too much. */
static void begin(const struct gate *gate)
{
    static const uint8_t settings[FRAME_HEAD_BYTES] = {[3] = H2O_HTTP2_FRAME_TYPE_SETTINGS};
    if (gate->has_begun)
        return;
    h2o_buffer_t **queued = &http2_of(gate)->_write.buf;
    memcpy(h2o_buffer_reserve(queued, sizeof settings).base, settings, sizeof settings);
    (*queued)->size += sizeof settings;
}

/* libh2o sends what is queued, GOAWAY being the last of it, and closes. */
static void say_goodbye(struct gate *gate, int error, const char *text)
{
    h2o_http2_conn_t *http2 = http2_of(gate);
    begin(gate);
    h2o_http2_encode_goaway_frame(&http2->_write.buf, http2->pull_stream_ids.max_open, error,
                                  h2o_iovec_init(text, strlen(text)));
    h2o_http2_conn_request_write(http2);
    gate->read(gate->connection->socket, text);
}

static void close_down(struct gate *gate, int error, const char *text)
{
    h2o_socket_t *socket = gate->connection->socket;
    gate->is_killed = true;
    drop_input(socket);
    if (socket->_cb.write == NULL && http2_of(gate)->state < H2O_HTTP2_CONN_STATE_IS_CLOSING)
        say_goodbye(gate, error, text);
    else
        connection_kill(gate->connection);
}

void gate_close_idle(struct gate *gate)
{
    close_down(gate, NO_ERROR, "idle");
}

void gate_kill(struct gate *gate, enum http2_reason cause)
{
    if (gate->is_killed || gate->has_failed)
        return;
    counter_add(&gate->connection->loop->metrics->http2_killed[cause], 1);
    notice_cut_off(gate->connection->loop->log, gate->connection->client, cause);
    close_down(gate, ENHANCE_YOUR_CALM, http2_reasons[cause].text);
}

/* ---- streams that come to nothing ------------------------------------------------------------ */

/*
 * A stream that was opened either reached its handler, or is still on its way there, or is gone:
 * reset by its client (CVE-2023-44487), or by libh2o for what its client did (CVE-2025-8671). Those
 * that reached theirs are gone in the same way when they end while libh2o reads.
 */
static uint64_t count_abandoned(const struct gate *gate)
{
    uint64_t arrived = gate->connection->begun + streams_unfinished(http2_of(gate));
    uint64_t opened = gate->frames.opened;
    return gate->left + (opened > arrived ? opened - arrived : 0);
}

static void judge_abandoned(struct gate *gate)
{
    int64_t now_ns = clock_now_ns();
    uint64_t most = (uint64_t)gate->connection->loop->config->http2_max_resets;
    uint64_t abandoned = count_abandoned(gate);
    if (abandoned > gate->abandoned_then + most)
        gate_kill(gate, HTTP2_RESETS);
    if (now_ns - gate->counted_since_ns >= COUNTED_NS) {
        gate->counted_since_ns = now_ns;
        gate->abandoned_then = abandoned;
    }
}

/* ---- input ----------------------------------------------------------------------------------- */

static enum http2_reason check_frames(struct gate *gate)
{
    h2o_buffer_t *input = gate->connection->socket->input;
    bool is_closing = http2_of(gate)->state >= H2O_HTTP2_CONN_STATE_HALF_CLOSED;
    return gate_frames_check(&gate->frames, (uint8_t *)input->bytes, &input->size, is_closing,
                             clock_now_ns());
}

static void hand_over(struct gate *gate)
{
    uint64_t served_before = gate->connection->served;
    gate->has_begun = true;
    gate->read(gate->connection->socket, NULL);
    if (!is_open(gate))
        return;
    gate->left += gate->connection->served - served_before;
    stand_between(gate);
    judge_abandoned(gate);
}

static void take_input(struct gate *gate)
{
    h2o_socket_t *socket = gate->connection->socket;
    if (gate->is_killed) {
        drop_input(socket);
    } else if (socket->_cb.write != NULL) {
        if (socket->input->size > DEFERRED_MOST_BYTES && h2o_socket_is_reading(socket))
            h2o_socket_read_stop(socket); /* libh2o starts again once it has written */
    } else if (socket->_cb.read != NULL && socket->input->size > 0) {
        enum http2_reason cause = check_frames(gate);
        if (cause != HTTP2_NONE)
            gate_kill(gate, cause);
        else
            hand_over(gate);
    }
}

/* ---- what libh2o and libuv call -------------------------------------------------------------- */

static struct gate *gate_of(const h2o_socket_t *socket)
{
    const struct connection *connection = socket->on_close.data;
    return connection->gate;
}

static void on_read(h2o_socket_t *socket, const char *error)
{
    struct gate *gate = gate_of(socket);
    if (error == NULL) {
        take_input(gate);
    } else {
        gate->has_failed = true;
        gate->read(socket, error);
    }
}

static void on_written(h2o_socket_t *socket, const char *error)
{
    struct gate *gate = gate_of(socket);
    bool is_over = gate->has_failed || gate->is_killed;
    gate->write(socket, is_over && error == NULL ? "cut off" : error);
    if (!is_open(gate))
        return;
    stand_between(gate);
    take_input(gate);
}

/* What libh2o has queued is written from a timer. After TLS has failed OpenSSL takes nothing, and
   libuv aborts over a write of no buffers; so there must be nothing to write. */
static void on_emit(h2o_timeout_entry_t *entry)
{
    h2o_http2_conn_t *http2 = H2O_STRUCT_FROM_MEMBER(h2o_http2_conn_t, _write.timeout_entry, entry);
    struct gate *gate = gate_of(http2->sock);
    if (gate->has_failed)
        h2o_buffer_consume(&http2->_write.buf, http2->_write.buf->size);
    gate->emit(entry);
    if (is_open(gate))
        stand_between(gate);
}

/* ---- opening --------------------------------------------------------------------------------- */

/* libh2o would read what is there at once. */
static h2o_buffer_t *take_away_input(h2o_socket_t *socket)
{
    h2o_buffer_t *input = socket->input;
    h2o_buffer_init(&socket->input, &h2o_socket_buffer_prototype);
    return input;
}

static void give_back_input(h2o_socket_t *socket, h2o_buffer_t *input)
{
    h2o_buffer_dispose(&socket->input);
    socket->input = input;
}

void gate_open(struct connection *connection)
{
    struct loop *loop = connection->loop;
    h2o_socket_t *socket = connection->socket;
    struct gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL) {
        h2o_socket_close(socket);
        return;
    }
    gate->connection = connection;
    gate->counted_since_ns = clock_now_ns();
    connection->gate = gate;
    h2o_buffer_t *input = take_away_input(socket);
    h2o_http2_accept(&loop->accept, socket, *h2o_get_timestamp(&loop->h2o, NULL, NULL));
    give_back_input(socket, input);
    h2o_http2_conn_t *http2 = http2_of(gate);
    gate->emit = http2->_write.timeout_entry.cb;
    http2->_write.timeout_entry.cb = on_emit;
    stand_between(gate);
    take_input(gate);
}
