#include "server/guard/streams.h"

#include "server/guard/http2.h"
#include "server/http/request.h"

uint64_t streams_unfinished(const h2o_http2_conn_t *http2)
{
    return http2->num_streams.pull.open - http2->num_streams.pull.half_closed;
}

/* ---- requests -------------------------------------------------------------------------------- */

static bool has_unfinished(const h2o_http2_conn_t *http2, uint32_t up_to)
{
    khash_each(http2->streams, bucket)
    {
        const h2o_http2_stream_t *stream = http2->streams->values[bucket];
        bool is_half_there = stream->state == H2O_HTTP2_STREAM_STATE_RECV_HEADERS ||
                             stream->state == H2O_HTTP2_STREAM_STATE_RECV_BODY;
        if (is_half_there && stream->stream_id <= up_to)
            return true;
    }
    return false;
}

/* Requests may always be on their way, each of them in time. So the highest stream is noted, and
   after the time-out none of those up to it may be unfinished: it is kept to within its double. */
static bool is_slow(const h2o_http2_conn_t *http2, struct unfinished *unfinished,
                    int64_t timeout_ns, int64_t now_ns)
{
    if (streams_unfinished(http2) == 0) {
        unfinished->since_ns = 0;
        return false;
    }
    bool is_noted = unfinished->since_ns != 0;
    if (is_noted && now_ns - unfinished->since_ns < timeout_ns)
        return false;
    if (is_noted && has_unfinished(http2, unfinished->up_to))
        return true;
    *unfinished = (struct unfinished){now_ns, http2->pull_stream_ids.max_open};
    return false;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* It is the client who holds the answer back, not the answers before it. */
static bool is_held_back(h2o_http2_conn_t *http2, const struct request *request)
{
    h2o_http2_stream_t *stream = H2O_STRUCT_FROM_MEMBER(h2o_http2_stream_t, req, request->req);
    return h2o_http2_window_get_window(&stream->output_window) <= 0 ||
           h2o_http2_window_get_window(&http2->_write.window) <= 0;
}

static bool is_stuck(struct request *request, h2o_http2_conn_t *http2, int64_t now_ns)
{
    size_t sent = request->req->bytes_sent;
    bool has_moved = sent != request->sent_then || request->stuck_since_ns == 0;
    if (has_moved || !is_held_back(http2, request)) {
        request->stuck_since_ns = now_ns;
        request->sent_then = sent;
        return false;
    }
    return now_ns - request->stuck_since_ns >= request->config->write_timeout_ns;
}

enum http2_reason streams_judge(struct connection *connection, struct unfinished *unfinished,
                                int64_t now_ns)
{
    h2o_http2_conn_t *http2 = connection->socket->data;
    list_each(&connection->sending, at)
    {
        if (is_stuck(container_of(at, struct request, sending), http2, now_ns))
            return HTTP2_STALLED;
    }
    int64_t timeout_ns = connection->loop->config->request_timeout_ns;
    return is_slow(http2, unfinished, timeout_ns, now_ns) ? HTTP2_SLOW_REQUEST : HTTP2_NONE;
}
