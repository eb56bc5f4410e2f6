#include "server/http2/limits.h"

#include "text/duration.h"
#include <string.h>

#define ABANDONED_NS (10 * NS_PER_SECOND)

/* RFC 9113, section 6. */
enum type {
    TYPE_DATA,
    TYPE_HEADERS,
    TYPE_PRIORITY,
    TYPE_RST_STREAM,
    TYPE_SETTINGS,
    TYPE_PUSH_PROMISE,
    TYPE_PING,
    TYPE_GOAWAY,
    TYPE_WINDOW_UPDATE,
    TYPE_CONTINUATION,
    TYPES,
};

#define FLAG_END_HEADERS 0x04

static const enum http2_reason counted_as[TYPES] = {
    [TYPE_PRIORITY] = HTTP2_PRIORITIES,
    [TYPE_RST_STREAM] = HTTP2_RESET_FRAMES,
    [TYPE_SETTINGS] = HTTP2_SETTINGS,
    [TYPE_PING] = HTTP2_PINGS,
    [TYPE_WINDOW_UPDATE] = HTTP2_WINDOW_UPDATES,
};

/* What a busy client sends in a second is a tenth of this: a PING for each round trip of a
   datacentre, a WINDOW_UPDATE for each of 2000 answers, what it had sent when a stream ended. */
static const int most_in_second[HTTP2_REASONS] = {
    [HTTP2_SETTINGS] = 20,          [HTTP2_PINGS] = 200,
    [HTTP2_PRIORITIES] = 1000,      [HTTP2_RESET_FRAMES] = 20000,
    [HTTP2_WINDOW_UPDATES] = 20000, [HTTP2_EMPTY_FRAMES] = 100,
    [HTTP2_STRAY_FRAMES] = 1000,    [HTTP2_OTHER_FRAMES] = 100,
};

void limits_init(struct limits *limits, int64_t now_ns)
{
    *limits = (struct limits){.left_bytes = PREFACE_BYTES, .counted_since_ns = now_ns};
}

enum http2_reason limits_count(struct limits *limits, enum http2_reason kind, int64_t now_ns)
{
    if (now_ns - limits->second_began_ns >= NS_PER_SECOND) {
        memset(limits->in_second, 0, sizeof limits->in_second);
        limits->second_began_ns = now_ns;
    }
    return ++limits->in_second[kind] > most_in_second[kind] ? kind : HTTP2_NONE;
}

/* A frame's head is there. */
static enum http2_reason begin_frame(struct limits *limits, int64_t now_ns)
{
    const uint8_t *head = limits->head;
    uint8_t type = head[3];
    limits->left_bytes = (size_t)head[0] << 16 | (size_t)head[1] << 8 | head[2];
    limits->head_bytes = 0;
    if (type == TYPE_HEADERS || type == TYPE_CONTINUATION)
        limits->is_in_block = (head[4] & FLAG_END_HEADERS) == 0;
    if (type == TYPE_HEADERS || type == TYPE_DATA)
        limits->come++;
    enum http2_reason kind = type < TYPES ? counted_as[type] : HTTP2_OTHER_FRAMES;
    return kind == HTTP2_NONE ? HTTP2_NONE : limits_count(limits, kind, now_ns);
}

static bool is_of_block(const struct limits *limits)
{
    uint8_t type = limits->head[3];
    return type == TYPE_HEADERS || type == TYPE_CONTINUATION;
}

enum http2_reason limits_walk(struct limits *limits, const uint8_t *bytes, size_t length,
                              int64_t now_ns)
{
    enum http2_reason verdict = HTTP2_NONE;
    while (length > 0) {
        bool is_payload = limits->left_bytes > 0;
        size_t wanted = is_payload ? limits->left_bytes : FRAME_HEAD_BYTES - limits->head_bytes;
        size_t taken = wanted < length ? wanted : length;
        if (is_payload) {
            limits->left_bytes -= taken;
            limits->block_bytes += is_of_block(limits) ? taken : 0;
        } else {
            memcpy(limits->head + limits->head_bytes, bytes, taken);
            limits->head_bytes += taken;
            if (limits->head_bytes == FRAME_HEAD_BYTES) {
                enum http2_reason cause = begin_frame(limits, now_ns);
                verdict = verdict == HTTP2_NONE ? cause : verdict;
            }
        }
        bytes += taken;
        length -= taken;
        bool is_amid = limits->left_bytes > 0 || limits->head_bytes > 0 || limits->is_in_block;
        if (limits->left_bytes == 0 && !limits->is_in_block)
            limits->block_bytes = 0;
        if (!is_amid)
            limits->since_ns = 0;
        else if (limits->since_ns == 0)
            limits->since_ns = now_ns;
    }
    return verdict;
}

/* A frame that is not whole yet may be told of later. */
static int64_t strays(const struct limits *limits)
{
    return limits->come - limits->told - (limits->left_bytes > 0 || limits->is_in_block);
}

bool limits_has_strays(const struct limits *limits)
{
    return strays(limits) > limits->strays;
}

enum http2_reason limits_count_strays(struct limits *limits, int64_t now_ns)
{
    enum http2_reason verdict = HTTP2_NONE;
    for (; limits_has_strays(limits) && verdict == HTTP2_NONE; limits->strays++)
        verdict = limits_count(limits, HTTP2_STRAY_FRAMES, now_ns);
    return verdict;
}

bool limits_has_abandoned(struct limits *limits, int64_t most, int64_t now_ns)
{
    bool is_over = limits->abandoned > limits->abandoned_then + most;
    if (now_ns - limits->counted_since_ns >= ABANDONED_NS) {
        limits->counted_since_ns = now_ns;
        limits->abandoned_then = limits->abandoned;
    }
    return is_over;
}
