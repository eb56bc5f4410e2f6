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

/* Why an HTTP/2 connection was cut off (docs/decisions/0012-http2-gate.md). */
enum http2_reason {
    HTTP2_NONE,
    HTTP2_HEADER_BYTES,
    HTTP2_HEADER_FIELDS,
    HTTP2_CONTINUATIONS,
    HTTP2_CONTINUATION_IN_DRAIN,
    HTTP2_SETTINGS,
    HTTP2_PINGS,
    HTTP2_PRIORITIES,
    HTTP2_RESET_FRAMES,
    HTTP2_WINDOW_UPDATES,
    HTTP2_EMPTY_FRAMES,
    HTTP2_OTHER_FRAMES,
    HTTP2_RESETS,
    HTTP2_STALLED,
    HTTP2_SLOW_REQUEST,
    HTTP2_REASONS,
};

/* Their names, as the labels of metrics. */
extern const char *const reject_reason_names[REJECTIONS];
extern const char *const cut_reason_names[CUTS];

extern const struct http2_reason_words {
    const char *name;
    const char *text; /* for people: what there was too much of */
} http2_reasons[HTTP2_REASONS];
