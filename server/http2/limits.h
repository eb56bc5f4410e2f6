/*
 * What a client sends that costs more than it is worth: frames by their heads, and streams that
 * come to nothing. nghttp2 takes no offence at most of it, and tells nobody of frames that it
 * ignores: so their heads are read here, beside it. Every limit is far above what any client needs;
 * who goes over one has flooded.
 *
 * Pure: bytes in, a verdict out. Owner: a session. Thread: the loop's.
 */
#pragma once

#include "server/telemetry/reasons.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PREFACE_BYTES    24 /* RFC 9113, section 3.4 */
#define FRAME_HEAD_BYTES 9  /* section 4.1 */

struct limits {
    /* Where in its input the client has got. */
    uint8_t head[FRAME_HEAD_BYTES];
    size_t head_bytes;  /* of the next frame's head are there */
    size_t left_bytes;  /* of a payload, or of the preface, are still to come */
    bool is_in_block;   /* a CONTINUATION has to come */
    size_t block_bytes; /* of a header block that is not whole have come */
    int64_t since_ns;   /* it has been amid the same frame or header block; 0: it is amid none */
    /* DATA and HEADERS that have come, and those of them that nghttp2 told of. */
    int64_t come;
    int64_t told;
    int64_t strays; /* the difference, as far as it is counted */
    /* Frames of each kind in this second. */
    int64_t second_began_ns;
    int in_second[HTTP2_REASONS];
    /* Streams that came to nothing, and how many had when counting began. */
    int64_t abandoned;
    int64_t abandoned_then;
    int64_t counted_since_ns;
};

void limits_init(struct limits *limits, int64_t now_ns);

/* Looks at what comes next. HTTP2_NONE, or what there was too much of. */
enum http2_reason limits_walk(struct limits *limits, const uint8_t *bytes, size_t length,
                              int64_t now_ns);

/* Counts one more of a kind that only nghttp2 can tell. The same verdict. */
enum http2_reason limits_count(struct limits *limits, enum http2_reason kind, int64_t now_ns);

/* After nghttp2 has had what was walked: whether there are more frames that it kept silent about,
   as they were for streams that are over; and counts them, with the same verdict. */
bool limits_has_strays(const struct limits *limits);
enum http2_reason limits_count_strays(struct limits *limits, int64_t now_ns);

/* Whether more than `most` streams came to nothing within ten seconds. */
bool limits_has_abandoned(struct limits *limits, int64_t most, int64_t now_ns);
