#include "server/telemetry/reasons.h"

const char *const reject_reason_names[REJECTIONS] = {
    [REJECTED_CONNECTIONS] = "max_connections",
    [REJECTED_TASKS] = "max_tasks",
    [REJECTED_BLOCKING] = "max_blocking",
    [REJECTED_HELD] = "max_held",
    [REJECTED_MEMORY] = "memory",
    [REJECTED_STOPPING] = "stopping",
};

const char *const cut_reason_names[CUTS] = {
    [CUT_IDLE] = "idle_timeout",
    [CUT_SLOW_REQUEST] = "request_timeout",
    [CUT_SLOW_READER] = "write_timeout",
    [CUT_UNPARSABLE] = "unparsable",
    [CUT_CROWDED] = "max_connections",
    [CUT_HELD] = "max_held",
    [CUT_MEMORY] = "memory",
    [CUT_NOT_PROXIED] = "proxy_protocol",
};

const struct http2_reason_words http2_reasons[HTTP2_REASONS] = {
    [HTTP2_NONE] = {"none", "nothing"},
    [HTTP2_CONTINUATIONS] = {"continuations", "too many CONTINUATION frames"},
    [HTTP2_SETTINGS] = {"settings", "too many SETTINGS frames"},
    [HTTP2_PINGS] = {"pings", "too many PING frames"},
    [HTTP2_PRIORITIES] = {"priorities", "too many PRIORITY frames"},
    [HTTP2_RESET_FRAMES] = {"reset_frames", "too many RST_STREAM frames"},
    [HTTP2_WINDOW_UPDATES] = {"window_updates", "too many WINDOW_UPDATE frames"},
    [HTTP2_EMPTY_FRAMES] = {"empty_frames", "too many empty frames"},
    [HTTP2_STRAY_FRAMES] = {"stray_frames", "too many frames for streams that are over"},
    [HTTP2_OTHER_FRAMES] = {"other_frames", "too many frames of other kinds"},
    [HTTP2_RESETS] = {"resets", "too many abandoned streams (http2_max_resets)"},
    [HTTP2_SLOW_REQUEST] = {"slow_request", "a request that did not get whole (request_timeout)"},
    [HTTP2_HELD] = {"max_held", "a head for which there was no memory (max_held)"},
    [HTTP2_PROTOCOL_ERROR] = {"protocol_error", "a PROTOCOL_ERROR"},
    [HTTP2_FLOW_CONTROL_ERROR] = {"flow_control_error", "a FLOW_CONTROL_ERROR"},
    [HTTP2_STREAM_CLOSED] = {"stream_closed", "a frame for a closed stream (STREAM_CLOSED)"},
    [HTTP2_FRAME_SIZE_ERROR] = {"frame_size_error", "a FRAME_SIZE_ERROR"},
    [HTTP2_COMPRESSION_ERROR] = {"compression_error", "a COMPRESSION_ERROR"},
    [HTTP2_INTERNAL_ERROR] = {"internal_error", "an INTERNAL_ERROR"},
};

const struct http2_reason_words http2_stream_reasons[HTTP2_STREAM_REASONS] = {
    [HTTP2_STREAM_SLOW_REQUEST] = {"slow_request",
                                   "a request that did not get whole (request_timeout)"},
    [HTTP2_STREAM_STALLED] = {"stalled", "an answer that was not let out (write_timeout)"},
    [HTTP2_STREAM_REFUSED] = {"refused", "being one too many (http2_max_streams)"},
    [HTTP2_STREAM_HELD] = {"max_held", "no memory left for it (max_held)"},
    [HTTP2_STREAM_PROTOCOL_ERROR] = {"protocol_error", "a malformed request (PROTOCOL_ERROR)"},
    [HTTP2_STREAM_FLOW_CONTROL_ERROR] = {"flow_control_error", "a FLOW_CONTROL_ERROR"},
    [HTTP2_STREAM_INTERNAL_ERROR] = {"internal_error", "an INTERNAL_ERROR"},
};
