#include "server/http2/ending.h"

#include "server/http2/stream.h"
#include "server/telemetry/notices.h"
#include "text/duration.h"
#include <string.h>

/* From the first GOAWAY of a drain to the last: a slow client's round trip. */
#define ROUND_TRIP_NS (200 * NS_PER_MS)

static void say(struct session *session, uint32_t code, const char *text)
{
    nghttp2_session *nghttp2 = session->nghttp2;
    (void)nghttp2_submit_goaway(nghttp2, NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(nghttp2), code,
                                (const uint8_t *)text, strlen(text));
    session->is_last_named = true;
    session_talk(session);
}

static void count(const struct session *session, enum http2_reason cause)
{
    const struct connection *connection = session->connection;
    counter_add(&connection->loop->metrics->http2_killed[cause], 1);
    notice_cut_off(connection->loop->log, connection->client, cause);
}

void ending_flooded(struct session *session, enum http2_reason cause)
{
    if (session->phase != SESSION_OPEN)
        return;
    session->phase = SESSION_FLOODED;
    count(session, cause);
    h2o_socket_read_stop(session->connection->socket);
    say(session, NGHTTP2_ENHANCE_YOUR_CALM, http2_reasons[cause].text);
    list_each(&session->streams, at)
    {
        struct stream *stream = container_of(at, struct stream, link);
        if (!stream->is_handled) /* nor will it ever be whole */
            stream_reset(stream, NGHTTP2_CANCEL);
    }
}

void ending_broken(struct session *session, int nghttp2_error)
{
    switch (nghttp2_error) {
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
        ending_flooded(session, HTTP2_CONTINUATIONS);
        break;
    case NGHTTP2_ERR_FLOODED:
        ending_flooded(session, HTTP2_PINGS);
        break;
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
        (void)nghttp2_session_terminate_session(session->nghttp2, NGHTTP2_PROTOCOL_ERROR);
        break;
    default:
        (void)nghttp2_session_terminate_session(session->nghttp2, NGHTTP2_INTERNAL_ERROR);
        break;
    }
    session_talk(session);
}

void ending_note(const struct session *session, uint32_t code)
{
    static const enum http2_reason causes[] = {
        [NGHTTP2_PROTOCOL_ERROR] = HTTP2_PROTOCOL_ERROR,
        [NGHTTP2_FLOW_CONTROL_ERROR] = HTTP2_FLOW_CONTROL_ERROR,
        [NGHTTP2_STREAM_CLOSED] = HTTP2_STREAM_CLOSED,
        [NGHTTP2_FRAME_SIZE_ERROR] = HTTP2_FRAME_SIZE_ERROR,
        [NGHTTP2_COMPRESSION_ERROR] = HTTP2_COMPRESSION_ERROR,
        [NGHTTP2_ENHANCE_YOUR_CALM] = HTTP2_SETTINGS, /* nghttp2's own: one with too many entries */
    };
    bool is_known = code < sizeof causes / sizeof *causes && causes[code] != HTTP2_NONE;
    if (code != NGHTTP2_NO_ERROR && session->phase == SESSION_OPEN)
        count(session, is_known ? causes[code] : HTTP2_INTERNAL_ERROR);
}

void ending_of_stream(const struct session *session, enum http2_stream_reason cause)
{
    const struct connection *connection = session->connection;
    counter_add(&connection->loop->metrics->http2_streams_killed[cause], 1);
    notice_stream_ended(connection->loop->log, connection->client, cause);
}

void ending_note_stream(const struct session *session, uint32_t code)
{
    ending_of_stream(session, code == NGHTTP2_PROTOCOL_ERROR       ? HTTP2_STREAM_PROTOCOL_ERROR
                              : code == NGHTTP2_FLOW_CONTROL_ERROR ? HTTP2_STREAM_FLOW_CONTROL_ERROR
                                                                   : HTTP2_STREAM_INTERNAL_ERROR);
}

void ending_judge(struct session *session, int64_t now_ns)
{
    int64_t most = session->connection->loop->config->http2_max_resets;
    if (limits_has_abandoned(&session->limits, most, now_ns))
        ending_flooded(session, HTTP2_RESETS);
}

void ending_unneeded(struct session *session, const char *text)
{
    if (session->phase == SESSION_OPEN && !session->is_last_named)
        say(session, NGHTTP2_NO_ERROR, text);
}

/* ---- a drain --------------------------------------------------------------------------------- */

void ending_warn(struct session *session, int64_t now_ns)
{
    if (session->phase != SESSION_OPEN || session->is_last_named)
        return;
    session->warned_ns = now_ns;
    (void)nghttp2_submit_shutdown_notice(session->nghttp2);
    session_talk(session);
}

void ending_go_on(struct session *session, int64_t now_ns)
{
    bool is_over = session->connection->loop->killing;
    if (session->warned_ns != 0 && (is_over || now_ns - session->warned_ns >= ROUND_TRIP_NS))
        ending_unneeded(session, "stopping");
}
