#include "server/guard/gate_frames.h"

static const struct {
    const char *name;
    const char *text;
} causes[CAUSES] = {
    [CAUSE_NONE] = {"none", "nothing"},
    [CAUSE_HEADER_BYTES] = {"header_bytes", "a header block of too many bytes"},
    [CAUSE_HEADER_FIELDS] = {"header_fields", "a header block of too many fields"},
    [CAUSE_CONTINUATIONS] = {"continuations", "too many CONTINUATION frames"},
    [CAUSE_CONTINUATION_IN_DRAIN] = {"continuation_in_drain", "a CONTINUATION after GOAWAY"},
    [CAUSE_SETTINGS] = {"settings", "too many SETTINGS frames"},
    [CAUSE_PINGS] = {"pings", "too many PING frames"},
    [CAUSE_PRIORITIES] = {"priorities", "too many PRIORITY frames"},
    [CAUSE_RESET_FRAMES] = {"reset_frames", "too many RST_STREAM frames"},
    [CAUSE_WINDOW_UPDATES] = {"window_updates", "too many WINDOW_UPDATE frames"},
    [CAUSE_EMPTY_FRAMES] = {"empty_frames", "too many empty frames"},
    [CAUSE_OTHER_FRAMES] = {"other_frames", "too many frames of other kinds"},
    [CAUSE_RESETS] = {"resets", "too many abandoned streams (http2_max_resets)"},
    [CAUSE_STALLED] = {"stalled", "an answer that was not let out (write_timeout)"},
    [CAUSE_SLOW_REQUEST] = {"slow_request", "a request that did not get whole (request_timeout)"},
};

const char *cause_name(enum cause cause)
{
    return causes[cause].name;
}

const char *cause_text(enum cause cause)
{
    return causes[cause].text;
}
