#include "server/guard/gate_frames.h"

#include <string.h>

#define SECOND_NS 1000000000

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
};

#define FLAG_END_STREAM  0x01
#define FLAG_END_HEADERS 0x04
#define FLAG_PADDED      0x08
#define FLAG_PRIORITY    0x20

struct frame {
    size_t length;
    uint8_t type;
    uint8_t flags;
    uint32_t stream;
    const uint8_t *payload;
};

/* False: it is not whole yet, or longer than libh2o takes, which it will say itself. */
static bool read_frame(const uint8_t *bytes, size_t length, struct frame *frame)
{
    if (length < FRAME_HEAD_BYTES)
        return false;
    *frame = (struct frame){
        .length = (size_t)bytes[0] << 16 | (size_t)bytes[1] << 8 | bytes[2],
        .type = bytes[3],
        .flags = bytes[4],
        .stream = ((uint32_t)bytes[5] << 24 | (uint32_t)bytes[6] << 16 | (uint32_t)bytes[7] << 8 |
                   bytes[8]) &
                  0x7fffffff,
        .payload = bytes + FRAME_HEAD_BYTES,
    };
    return frame->length <= FRAME_MOST_BYTES && length - FRAME_HEAD_BYTES >= frame->length;
}

/* ---- how often ------------------------------------------------------------------------------- */

/* What a busy client sends in a second is a tenth of this: a PING for each round trip of a
   datacentre, a WINDOW_UPDATE for each of 2000 answers. */
static const int most_in_second[HTTP2_REASONS] = {
    [HTTP2_SETTINGS] = 20,          [HTTP2_PINGS] = 200,
    [HTTP2_PRIORITIES] = 1000,      [HTTP2_RESET_FRAMES] = 20000,
    [HTTP2_WINDOW_UPDATES] = 20000, [HTTP2_EMPTY_FRAMES] = 100,
    [HTTP2_OTHER_FRAMES] = 100,
};

static enum http2_reason count_one(struct gate_frames *frames, enum http2_reason kind,
                                   int64_t now_ns)
{
    if (now_ns - frames->second_began_ns >= SECOND_NS) {
        memset(frames->in_second, 0, sizeof frames->in_second);
        frames->second_began_ns = now_ns;
    }
    return ++frames->in_second[kind] > most_in_second[kind] ? kind : HTTP2_NONE;
}

/* ---- header blocks --------------------------------------------------------------------------- */

/* The part of the block that is in this frame. False: it is malformed, which libh2o will see. */
static bool find_fragment(const struct frame *frame, const uint8_t **fragment, size_t *length)
{
    size_t before = 0;
    size_t after = 0;
    if (frame->type == TYPE_HEADERS && (frame->flags & FLAG_PADDED) != 0) {
        if (frame->length == 0)
            return false;
        before = 1;
        after = frame->payload[0];
    }
    if (frame->type == TYPE_HEADERS && (frame->flags & FLAG_PRIORITY) != 0)
        before += 5;
    if (before + after > frame->length)
        return false;
    *fragment = frame->payload + before;
    *length = frame->length - before - after;
    return true;
}

static enum http2_reason check_fragment(struct gate_frames *frames, const struct frame *frame)
{
    const uint8_t *fragment;
    size_t length;
    if (!find_fragment(frame, &fragment, &length))
        return HTTP2_NONE;
    frames->is_in_block = (frame->flags & FLAG_END_HEADERS) == 0;
    frames->block_bytes += length;
    if (frames->block_bytes > BLOCK_MOST_BYTES)
        return HTTP2_HEADER_BYTES;
    hpack_count(&frames->block_fields, fragment, length);
    return frames->block_fields.fields > BLOCK_MOST_FIELDS ? HTTP2_HEADER_FIELDS : HTTP2_NONE;
}

/* A block on a stream that is open already is a trailer. */
static enum http2_reason check_headers(struct gate_frames *frames, const struct frame *frame,
                                       bool is_closing)
{
    if (frame->stream > frames->last_stream && !is_closing) {
        frames->last_stream = frame->stream;
        frames->opened++;
    }
    frames->block_frames = 0;
    frames->block_bytes = 0;
    frames->block_fields = (struct hpack_count){0};
    return check_fragment(frames, frame);
}

/* One that comes when libh2o is about to close would have it spin for ever. */
static enum http2_reason check_continuation(struct gate_frames *frames, const struct frame *frame,
                                            bool is_closing)
{
    if (is_closing)
        return HTTP2_CONTINUATION_IN_DRAIN;
    if (++frames->block_frames > BLOCK_MOST_FRAMES)
        return HTTP2_CONTINUATIONS;
    return check_fragment(frames, frame);
}

/* ---- all frames ------------------------------------------------------------------------------ */

static enum http2_reason check_one(struct gate_frames *frames, const struct frame *frame,
                                   bool is_closing, int64_t now_ns)
{
    switch (frame->type) {
    case TYPE_DATA:
        return frame->length > 0 || (frame->flags & FLAG_END_STREAM) != 0
                   ? HTTP2_NONE
                   : count_one(frames, HTTP2_EMPTY_FRAMES, now_ns);
    case TYPE_HEADERS:
        return check_headers(frames, frame, is_closing);
    case TYPE_PRIORITY:
        return count_one(frames, HTTP2_PRIORITIES, now_ns);
    case TYPE_RST_STREAM:
        return count_one(frames, HTTP2_RESET_FRAMES, now_ns);
    case TYPE_SETTINGS:
        return count_one(frames, HTTP2_SETTINGS, now_ns);
    case TYPE_PING:
        return count_one(frames, HTTP2_PINGS, now_ns);
    case TYPE_WINDOW_UPDATE:
        return count_one(frames, HTTP2_WINDOW_UPDATES, now_ns);
    case TYPE_CONTINUATION:
        return check_continuation(frames, frame, is_closing);
    default:
        return count_one(frames, HTTP2_OTHER_FRAMES, now_ns);
    }
}

/* In a header block it is an error, which libh2o will see (RFC 9113, section 5.5). */
static bool is_to_go(const struct gate_frames *frames, const struct frame *frame)
{
    return frame->type > TYPE_CONTINUATION && !frames->is_in_block;
}

enum http2_reason gate_frames_check(struct gate_frames *frames, uint8_t *bytes, size_t *length,
                                    bool is_closing, int64_t now_ns)
{
    size_t at = 0;
    enum http2_reason cause = HTTP2_NONE;
    if (!frames->is_past_preface) {
        if (*length < PREFACE_BYTES)
            return HTTP2_NONE;
        frames->is_past_preface = true;
        at = PREFACE_BYTES;
    }
    for (struct frame frame; cause == HTTP2_NONE && read_frame(bytes + at, *length - at, &frame);) {
        size_t whole = FRAME_HEAD_BYTES + frame.length;
        bool is_unknown = is_to_go(frames, &frame);
        cause = check_one(frames, &frame, is_closing, now_ns);
        if (is_unknown) {
            *length -= whole;
            memmove(bytes + at, bytes + at + whole, *length - at);
        } else {
            at += whole;
        }
    }
    return cause;
}
