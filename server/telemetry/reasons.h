/*
 * Why something was refused or cut off. Thread: any; constant.
 */
#pragma once

/* Why a connection was cut off; each is counted. gate_causes.c has their names. */
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

/* As a metric's label; and for people. */
const char *http2_reason_name(enum http2_reason cause);
const char *http2_reason_text(enum http2_reason cause);
