/*
 * Why awaitd turned away a request or ended a connection. Each reason has a counter (metrics.h),
 * whose label is its name here. Thread: any; constant.
 */
#pragma once

/* Why a request was answered 503. */
enum reject_reason {
    REJECTED_CONNECTIONS,
    REJECTED_TASKS,
    REJECTED_BLOCKING,
    REJECTED_HELD,
    REJECTED_MEMORY,
    REJECTED_STOPPING,
    REJECTIONS,
};

/* Why a connection was ended without waiting for its client to do so. */
enum cut_reason {
    CUT_IDLE,
    CUT_SLOW_REQUEST,
    CUT_SLOW_READER,
    CUT_UNPARSABLE,
    CUT_CROWDED, /* so many over max_connections that it was not even told */
    CUT_HELD,    /* a body for which there was no room */
    CUT_MEMORY,
    CUT_NOT_PROXIED, /* it did not begin with a PROXY header, as proxy_protocol wants it to */
    CUTS,
};

/* Why an HTTP/2 connection was ended (docs/decisions/0012-http2.md): floods, and what RFC 9113
   calls connection errors. */
enum http2_reason {
    HTTP2_NONE,
    HTTP2_CONTINUATIONS,
    HTTP2_SETTINGS,
    HTTP2_PINGS,
    HTTP2_PRIORITIES,
    HTTP2_RESET_FRAMES,
    HTTP2_WINDOW_UPDATES,
    HTTP2_EMPTY_FRAMES,
    HTTP2_STRAY_FRAMES,
    HTTP2_OTHER_FRAMES,
    HTTP2_RESETS,
    HTTP2_SLOW_REQUEST,
    HTTP2_HELD,
    HTTP2_PROTOCOL_ERROR,
    HTTP2_FLOW_CONTROL_ERROR,
    HTTP2_STREAM_CLOSED,
    HTTP2_FRAME_SIZE_ERROR,
    HTTP2_COMPRESSION_ERROR,
    HTTP2_INTERNAL_ERROR,
    HTTP2_REASONS,
};

/* Why one stream was, and others on its connection were not touched. */
enum http2_stream_reason {
    HTTP2_STREAM_SLOW_REQUEST,
    HTTP2_STREAM_STALLED,
    HTTP2_STREAM_REFUSED,
    HTTP2_STREAM_HELD,
    HTTP2_STREAM_PROTOCOL_ERROR,
    HTTP2_STREAM_FLOW_CONTROL_ERROR,
    HTTP2_STREAM_INTERNAL_ERROR,
    HTTP2_STREAM_REASONS,
};

/* Their names, as the labels of metrics. */
extern const char *const reject_reason_names[REJECTIONS];
extern const char *const cut_reason_names[CUTS];

struct http2_reason_words {
    const char *name;
    const char *text; /* for people: what there was, or was too much of */
};

extern const struct http2_reason_words http2_reasons[HTTP2_REASONS];
extern const struct http2_reason_words http2_stream_reasons[HTTP2_STREAM_REASONS];
