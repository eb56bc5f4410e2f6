#include "server/http2/timeouts.h"

#include "server/http2/ending.h"
#include "server/http2/output.h"
#include "server/http2/stream.h"
#include "text/duration.h"

/* It is the client who holds the answer back, not the answers before it. Even an end without bytes
   needs a window. */
static bool is_held_back(const struct stream *stream, int32_t window)
{
    bool has_more = stream->at < stream->pieces.size || stream->is_last;
    int32_t of_all = nghttp2_session_get_remote_window_size(stream->session->nghttp2);
    return has_more && (window <= 0 || of_all <= 0);
}

/*
 * An answer that its client holds back must move within write_timeout, and by 1 kB/s: a window that
 * opens by a byte now and then would keep its memory for ever. Where it is the connection's window
 * that is shut, what other answers took of that counts too: they were only served first.
 */
static void judge_answer(struct stream *stream, int64_t now_ns)
{
    struct session *session = stream->session;
    int64_t patience_ns = session->connection->loop->config->write_timeout_ns;
    int32_t window = nghttp2_session_get_stream_remote_window_size(session->nghttp2, stream->id);
    size_t sent = stream->req.bytes_sent;
    size_t lately = window <= 0 ? sent - stream->sent_then : session->answered_bytes;
    bool was_stuck = stream->is_stuck;
    stream->sent_then = sent;
    stream->is_stuck = is_held_back(stream, window);
    bool is_stuck = was_stuck && stream->is_stuck;
    if (!is_stuck || lately > 0)
        stream->since_ns = now_ns;
    if (is_stuck)
        stream->late_ns +=
            now_ns - session->looked_ns - (int64_t)lately * NS_PER_SECOND / LEAST_BYTES_IN_SECOND;
    if (now_ns - stream->since_ns >= patience_ns || stream->late_ns >= patience_ns) {
        ending_of_stream(session, HTTP2_STREAM_STALLED);
        stream_reset(stream, NGHTTP2_CANCEL);
    }
}

static void judge_request(struct stream *stream, int64_t now_ns)
{
    struct session *session = stream->session;
    if (session->heading == stream && session->limits.is_in_block)
        return; /* nothing can be answered yet, nor on any other stream: see below */
    if (now_ns - stream->since_ns < session->connection->loop->config->request_timeout_ns)
        return;
    ending_of_stream(session, HTTP2_STREAM_SLOW_REQUEST);
    stream_refuse(stream, 408);
}

void timeouts_sweep(struct session *session, int64_t now_ns)
{
    const struct config *config = session->connection->loop->config;
    int64_t amid_since_ns = session->limits.since_ns;
    list_each(&session->streams, at)
    {
        struct stream *stream = container_of(at, struct stream, link);
        if (stream->is_handled)
            judge_answer(stream, now_ns);
        else
            judge_request(stream, now_ns);
    }
    session->answered_bytes = 0;
    session->looked_ns = now_ns;
    if (amid_since_ns != 0 && now_ns - amid_since_ns >= config->request_timeout_ns)
        ending_flooded(session, HTTP2_SLOW_REQUEST);
    ending_go_on(session, now_ns);
    ending_judge(session, now_ns);
    output_sweep(session, now_ns);
}
