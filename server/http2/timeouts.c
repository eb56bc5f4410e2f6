#include "server/http2/timeouts.h"

#include "server/http2/ending.h"
#include "server/http2/output.h"
#include "server/http2/stream.h"

/* It is the client who holds the answer back, not the answers before it. Even an end without bytes
   needs a window. */
static bool is_held_back(const struct stream *stream)
{
    nghttp2_session *nghttp2 = stream->session->nghttp2;
    bool has_more = stream->at < stream->pieces.size || stream->is_last;
    return has_more && (nghttp2_session_get_stream_remote_window_size(nghttp2, stream->id) <= 0 ||
                        nghttp2_session_get_remote_window_size(nghttp2) <= 0);
}

static void judge_answer(struct stream *stream, int64_t now_ns)
{
    struct session *session = stream->session;
    size_t sent = stream->req.bytes_sent;
    if (!stream->is_stuck || sent != stream->sent_then || !is_held_back(stream)) {
        stream->is_stuck = is_held_back(stream);
        stream->since_ns = now_ns;
        stream->sent_then = sent;
    } else if (now_ns - stream->since_ns >= session->connection->loop->config->write_timeout_ns) {
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
    if (amid_since_ns != 0 && now_ns - amid_since_ns >= config->request_timeout_ns)
        ending_flooded(session, HTTP2_SLOW_REQUEST);
    ending_go_on(session, now_ns);
    ending_judge(session, now_ns);
    output_sweep(session, now_ns);
}
