#include "server/http2/stream.h"

#include "server/loop/budget.h"
#include <stdlib.h>
#include <string.h>

_Static_assert(offsetof(struct stream, answer) == 0, "libh2o hands the ostream back");

/* Where a connection has its share already, its streams get one more: whoever needs more than there
   is can be told so. */
#define STREAM_SHARES 2

/* ---- the request ----------------------------------------------------------------------------- */

static void on_send(h2o_ostream_t *ostream, h2o_req_t *req, h2o_iovec_t *pieces, size_t count,
                    h2o_send_state_t state);
static void on_reset_due(h2o_timeout_entry_t *timer);

struct stream *stream_open(struct session *session, int32_t id)
{
    struct connection *connection = session->connection;
    struct stream *stream = malloc(sizeof *stream);
    int64_t price = connection->streams == 0 ? 0 : HELD_STREAM_BYTES;
    if (stream == NULL)
        return NULL;
    connection->streams++;
    if (price > 0 && !budget_take_held(connection, price, STREAM_SHARES)) {
        connection->streams--;
        free(stream);
        return NULL;
    }
    memset(stream, 0, offsetof(struct stream, req)); /* libh2o clears its own */
    stream->answer.do_send = on_send;
    stream->session = session;
    stream->id = id;
    stream->price_bytes = stream->held_bytes = price;
    stream->content_length = -1;
    stream->since_ns = session->now_ns;
    stream->reset.cb = on_reset_due;
    h2o_init_request(&stream->req, &session->conn, NULL);
    stream->req.version = 0x200;
    stream->req.input.scheme = &H2O_URL_SCHEME_HTTP;
    stream->req._ostr_top = &stream->answer;
    list_append(&session->streams, &stream->link);
    return stream;
}

void stream_dispose(struct stream *stream)
{
    struct connection *connection = stream->session->connection;
    list_remove(&stream->link);
    list_remove(&stream->turn);
    if (stream->session->heading == stream)
        stream->session->heading = NULL;
    h2o_timeout_unlink(&stream->reset);
    h2o_dispose_request(&stream->req);
    free(stream->body);
    budget_give(connection, BUDGET_HELD, stream->held_bytes);
    connection->streams--;
    free(stream);
}

bool stream_pay(struct stream *stream, size_t bytes)
{
    int64_t more = stream->price_bytes + (int64_t)bytes - stream->held_bytes;
    if (more > 0 && !budget_take(stream->session->connection, BUDGET_HELD, more))
        return false;
    stream->held_bytes += more;
    return true;
}

void stream_handle(struct stream *stream)
{
    if (stream->is_handled)
        return;
    stream->is_handled = true;
    h2o_process_request(&stream->req);
}

void stream_refuse(struct stream *stream, int status)
{
    stream->is_handled = true;
    /* http/library_errors.c says it in our words. */
    h2o_send_error_generic(&stream->req, status, "", "", 0);
}

static void say_reset(const struct stream *stream, uint32_t code)
{
    (void)nghttp2_submit_rst_stream(stream->session->nghttp2, NGHTTP2_FLAG_NONE, stream->id, code);
    session_talk(stream->session);
}

void stream_reset(struct stream *stream, uint32_t code)
{
    stream->is_handled = true;
    stream->is_reset_noted = true;
    say_reset(stream, code);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* Takes the next of the answer into a DATA frame: nghttp2's, which calls it when there is room in
   the windows. */
static ssize_t read_answer(nghttp2_session *nghttp2, int32_t id, uint8_t *room, size_t length,
                           uint32_t *flags, nghttp2_data_source *source, void *user_data)
{
    struct stream *stream = source->ptr;
    size_t copied = 0;
    (void)nghttp2;
    (void)id;
    (void)user_data;
    while (stream->at < stream->pieces.size && copied < length) {
        h2o_iovec_t *piece = &stream->pieces.entries[stream->at];
        size_t count = piece->len < length - copied ? piece->len : length - copied;
        memcpy(room + copied, piece->base, count);
        copied += count;
        piece->base += count;
        piece->len -= count;
        stream->at += piece->len == 0;
    }
    stream->req.bytes_sent += copied;
    stream->session->answered_bytes += copied;
    if (stream->at < stream->pieces.size)
        return (ssize_t)copied;
    if (stream->is_last)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (stream->is_hungry)
        list_append(&stream->session->taken, &stream->turn);
    stream->is_hungry = false;
    return copied > 0 || stream->is_last ? (ssize_t)copied : NGHTTP2_ERR_DEFERRED;
}

static nghttp2_nv field(h2o_iovec_t name, h2o_iovec_t value, bool is_unique)
{
    /* Both live as long as the request. What is new in each answer would only push out of HPACK's
       table what comes again, at the price of two allocations (RFC 7541, section 6.2.2). */
    uint8_t flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    if (is_unique)
        flags |= NGHTTP2_NV_FLAG_NO_INDEX;
    return (nghttp2_nv){(uint8_t *)name.base, (uint8_t *)value.base, name.len, value.len, flags};
}

static h2o_iovec_t print_number(h2o_mem_pool_t *pool, size_t number)
{
    char *end = (char *)h2o_mem_alloc_pool(pool, 24) + 24;
    char *at = end;
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    return h2o_iovec_init(at, (size_t)(end - at));
}

static bool is_unique(h2o_iovec_t name)
{
    return h2o_memis(name.base, name.len, H2O_STRLIT("x-request-id")) ||
           h2o_memis(name.base, name.len, H2O_STRLIT("server-timing"));
}

/* Names of answers are in lower case already (http/headers.c). */
static void begin_answer(struct stream *stream)
{
    h2o_req_t *req = &stream->req;
    h2o_timestamp_t now;
    size_t count = 0;
    bool is_bodiless = stream->is_last && stream->pieces.size == 0;
    const nghttp2_data_provider body = {.source.ptr = stream, .read_callback = read_answer};
    nghttp2_nv *fields =
        h2o_mem_alloc_pool(&req->pool, (req->res.headers.size + 3) * sizeof *fields);
    h2o_get_timestamp(req->conn->ctx, &req->pool, &now);
    fields[count++] = field(h2o_iovec_init(H2O_STRLIT(":status")),
                            print_number(&req->pool, (size_t)req->res.status), false);
    fields[count++] = field(h2o_iovec_init(H2O_STRLIT("date")),
                            h2o_iovec_init(now.str->rfc1123, H2O_TIMESTR_RFC1123_LEN), false);
    if (req->res.content_length != SIZE_MAX)
        fields[count++] = field(h2o_iovec_init(H2O_STRLIT("content-length")),
                                print_number(&req->pool, req->res.content_length), false);
    for (size_t i = 0; i < req->res.headers.size; i++) {
        const h2o_header_t *header = &req->res.headers.entries[i];
        fields[count++] = field(*header->name, header->value, is_unique(*header->name));
    }
    stream->is_answering = true;
    (void)nghttp2_submit_response(stream->session->nghttp2, stream->id, fields, count,
                                  is_bodiless ? NULL : &body);
}

/* The end of libh2o's chain. What is sent stays where it is until libh2o is asked for more, or the
   stream is over. */
static void on_send(h2o_ostream_t *ostream, h2o_req_t *req, h2o_iovec_t *pieces, size_t count,
                    h2o_send_state_t state)
{
    struct stream *stream = (struct stream *)ostream;
    nghttp2_session *nghttp2 = stream->session->nghttp2;
    session_talk(stream->session);
    if (state == H2O_SEND_STATE_ERROR) {
        stream_reset(stream, NGHTTP2_INTERNAL_ERROR);
        return;
    }
    h2o_vector_reserve(&req->pool, &stream->pieces, count);
    stream->pieces.size = 0;
    stream->at = 0;
    for (size_t i = 0; i < count; i++)
        if (pieces[i].len > 0)
            stream->pieces.entries[stream->pieces.size++] = pieces[i];
    stream->is_last = state == H2O_SEND_STATE_FINAL;
    stream->is_hungry = !stream->is_last;
    if (stream->is_answering)
        (void)nghttp2_session_resume_data(nghttp2, stream->id);
    else
        begin_answer(stream);
}

/* ---- an answer that came early --------------------------------------------------------------- */

/*
 * The client is told to send no more (RFC 9113, section 8.1), but not at once: some forget an
 * answer over the reset that comes in the same packet (curl 7.88). Meanwhile its window stays shut.
 */
void stream_end_answer(struct stream *stream)
{
    h2o_context_t *context = stream->session->conn.ctx;
    if (nghttp2_session_get_stream_remote_close(stream->session->nghttp2, stream->id) == 0)
        h2o_timeout_link(context->loop, &context->hundred_ms_timeout, &stream->reset);
}

static void on_reset_due(h2o_timeout_entry_t *timer)
{
    say_reset(container_of(timer, struct stream, reset), NGHTTP2_NO_ERROR);
}
