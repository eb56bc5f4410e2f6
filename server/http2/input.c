#include "server/http2/input.h"

#include "async/clock.h"
#include "server/http2/ending.h"
#include "server/http2/incoming.h"
#include "server/http2/output.h"
#include "server/loop/budget.h"

/* While a write is stuck. More wait in the kernel, as what they would reply to. */
#define REPLIES_MOST 64

/* A header block, and HPACK's table, may take so many bytes without asking. nghttp2 makes room for
   twice the bytes of a field as soon as it knows how long that is, and keeps 225 for an entry of
   the table that RFC 7541, section 4.1, counts as 33. */
#define BLOCK_FREE_BYTES 4096
#define BLOCK_COST       2
#define TABLE_FREE_BYTES 512
#define TABLE_COST       7

static struct stream *stream_at(const struct session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session->nghttp2, id);
}

/* ---- what nghttp2 tells while it reads ------------------------------------------------------- */

/* nghttp2 is silent about DATA that it ignores. */
static int on_begin_frame(nghttp2_session *nghttp2, const nghttp2_frame_hd *head, void *user_data)
{
    struct session *session = user_data;
    (void)nghttp2;
    session->limits.told += head->type == NGHTTP2_DATA;
    return 0;
}

static int on_begin_headers(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *user_data)
{
    struct session *session = user_data;
    session->limits.told++;
    session->heading = NULL;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0; /* trailers, which nobody wants */
    struct stream *stream = stream_open(session, frame->hd.stream_id);
    if (stream == NULL) {
        ending_of_stream(session, HTTP2_STREAM_HELD);
        /* Its client may try again (RFC 9113, section 8.7). */
        return nghttp2_submit_rst_stream(nghttp2, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                         NGHTTP2_REFUSED_STREAM);
    }
    session->heading = stream;
    (void)nghttp2_session_set_stream_user_data(nghttp2, stream->id, stream);
    return 0;
}

static int on_header(nghttp2_session *nghttp2, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_length, const uint8_t *value, size_t value_length, uint8_t flags,
                     void *user_data)
{
    const struct session *session = user_data;
    (void)nghttp2;
    (void)frame;
    (void)flags;
    if (session->heading != NULL)
        incoming_field(session->heading, h2o_iovec_init(name, name_length),
                       h2o_iovec_init(value, value_length));
    return 0;
}

/* Padding is not among these bytes, so a frame may come without any. */
static int on_data(nghttp2_session *nghttp2, uint8_t flags, int32_t id, const uint8_t *bytes,
                   size_t length, void *user_data)
{
    struct session *session = user_data;
    struct stream *stream = stream_at(session, id);
    (void)flags;
    session->has_data = true;
    (void)nghttp2_session_consume_connection(nghttp2, length);
    if (stream != NULL)
        incoming_body(stream, bytes, length);
    return 0;
}

static void note_data(struct session *session, bool is_end)
{
    bool is_empty = !session->has_data && !is_end;
    session->has_data = false;
    if (is_empty) {
        enum http2_reason cause =
            limits_count(&session->limits, HTTP2_EMPTY_FRAMES, session->now_ns);
        session->verdict = session->verdict == HTTP2_NONE ? cause : session->verdict;
    }
}

/* A whole frame that is in order. */
static int on_frame(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *user_data)
{
    struct session *session = user_data;
    bool is_end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    (void)nghttp2;
    if (frame->hd.type == NGHTTP2_DATA)
        note_data(session, is_end);
    if (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS &&
        frame->hd.type != NGHTTP2_RST_STREAM)
        return 0;
    struct stream *stream = stream_at(session, frame->hd.stream_id);
    if (stream == NULL)
        return 0;
    if (frame->hd.type == NGHTTP2_RST_STREAM)
        stream->is_reset_noted = true;
    else if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        incoming_head_ends(stream, is_end);
    else if (is_end)
        stream_handle(stream);
    return 0;
}

/* A stream that was refused for being one too many never was. */
static int on_invalid_frame(nghttp2_session *nghttp2, const nghttp2_frame *frame, int error,
                            void *user_data)
{
    struct session *session = user_data;
    (void)nghttp2;
    (void)frame;
    if (error != NGHTTP2_ERR_REFUSED_STREAM)
        return 0;
    session->limits.abandoned++;
    session->limits.told++;
    ending_of_stream(session, HTTP2_STREAM_REFUSED);
    return 0;
}

/* ---- what it tells while it reads or writes -------------------------------------------------- */

/* Reset by its client (CVE-2023-44487) or for something that its client did (CVE-2025-8671): it has
   come to nothing. */
static int on_stream_close(nghttp2_session *nghttp2, int32_t id, uint32_t code, void *user_data)
{
    struct session *session = user_data;
    struct stream *stream = stream_at(session, id);
    (void)nghttp2;
    if (stream == NULL)
        return 0;
    bool is_reset = stream->is_reset_noted || code != NGHTTP2_NO_ERROR;
    session->limits.abandoned += is_reset;
    if (is_reset && !stream->is_reset_noted)
        ending_note_stream(session, code);
    if (is_reset || !stream->is_last)
        stream_dispose(stream);
    else
        list_append(&session->ended, &stream->turn);
    return 0;
}

static int on_frame_sent(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *user_data)
{
    struct session *session = user_data;
    (void)nghttp2;
    if (frame->hd.type == NGHTTP2_GOAWAY)
        ending_note(session, frame->goaway.error_code);
    session->has_reset = session->has_reset || frame->hd.type == NGHTTP2_RST_STREAM;
    bool is_end = (frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS) &&
                  (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    struct stream *stream = is_end ? stream_at(session, frame->hd.stream_id) : NULL;
    if (stream != NULL)
        stream_end_answer(stream);
    return 0;
}

void input_set_callbacks(nghttp2_session_callbacks *callbacks)
{
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, output_most_data);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* nghttp2 keeps what it needs, so an idle connection has no buffer: it goes back to those that are
   kept for the next to read. */
static void drop_input(h2o_socket_t *socket)
{
    h2o_buffer_dispose(&socket->input);
    h2o_buffer_init(&socket->input, &h2o_socket_buffer_prototype);
}

/* Whether frames for streams that are over may come, as their client may not know of it: we have
   reset one, are about to (what waits to be said may be that), or have said which is the last. */
static bool may_be_behind(const struct session *session)
{
    return session->has_reset || session->is_last_named ||
           nghttp2_session_get_outbound_queue_size(session->nghttp2) > 0;
}

static enum http2_reason judge_strays(struct session *session)
{
    struct limits *limits = &session->limits;
    if (session->verdict != HTTP2_NONE)
        return session->verdict;
    if (!limits_has_strays(limits) || may_be_behind(session))
        return limits_count_strays(limits, session->now_ns);
    (void)nghttp2_session_terminate_session(session->nghttp2, NGHTTP2_STREAM_CLOSED);
    return HTTP2_NONE;
}

/* Half a field is kept until its other half comes, and the table for as long as the connection.
   Neither can be dropped for one stream alone, so where there is no room for them all of it ends
   (RFC 9113, section 4.3). */
static bool pay_for_fields(struct session *session)
{
    struct connection *connection = session->connection;
    size_t block = session->limits.block_bytes;
    size_t table = nghttp2_session_get_hd_inflate_dynamic_table_size(session->nghttp2);
    int64_t bytes = (int64_t)((block > BLOCK_FREE_BYTES ? BLOCK_COST * block : 0) +
                              (table > TABLE_FREE_BYTES ? TABLE_COST * table : 0));
    int64_t more = bytes - session->fields_held_bytes;
    if (more < 0)
        budget_give(connection, BUDGET_HELD, -more);
    if (more > 0 && !budget_take_held(connection, more, BUDGET_SHARES))
        return false;
    session->fields_held_bytes = bytes;
    return true;
}

static void take_input(struct session *session)
{
    h2o_socket_t *socket = session->connection->socket;
    const uint8_t *bytes = (const uint8_t *)socket->input->bytes;
    size_t length = socket->input->size;
    session->now_ns = clock_now_ns();
    session->verdict = limits_walk(&session->limits, bytes, length, session->now_ns);
    ssize_t taken = nghttp2_session_mem_recv(session->nghttp2, bytes, length);
    drop_input(socket);
    if (taken < 0)
        ending_broken(session, (int)taken);
    enum http2_reason verdict = pay_for_fields(session) ? judge_strays(session) : HTTP2_HELD;
    if (verdict != HTTP2_NONE)
        ending_flooded(session, verdict);
    ending_judge(session, session->now_ns);
    /* A client that does not take replies is not read, or nghttp2's queue of them would grow. */
    if (session->output != NULL && h2o_socket_is_reading(socket) &&
        nghttp2_session_get_outbound_queue_size(session->nghttp2) > REPLIES_MOST)
        h2o_socket_read_stop(socket);
    session_talk(session);
}

void input_on_read(h2o_socket_t *socket, const char *error)
{
    struct session *session = session_of(socket);
    size_t length = socket->input->size;
    if (error != NULL) {
        output_lose(session);
    } else if (session->phase == SESSION_OPEN) {
        take_input(session);
    } else {
        drop_input(socket);
        output_drop(session, length);
    }
}
