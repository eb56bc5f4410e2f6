/*
 * What a client may send on an HTTP/2 connection, frame by frame, before libh2o sees any of it
 * (docs/decisions/0012-http2-gate.md). Every limit here is far above what any client needs; who
 * goes over one is cut off.
 *
 * Pure: bytes in, a verdict out. Thread: any.
 */
#pragma once

#include "server/guard/hpack_count.h"
#include "server/telemetry/reasons.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest frame that libh2o announces to take, which is what RFC 9113 has by default. */
#define FRAME_MOST_BYTES  16384
#define FRAME_HEAD_BYTES  9
#define PREFACE_BYTES     24
#define BLOCK_MOST_BYTES  16384 /* of one header block; it may be twice that when decoded */
#define BLOCK_MOST_FIELDS 256   /* browsers cut a Cookie into many (RFC 9113, section 8.2.3) */
#define BLOCK_MOST_FRAMES 8     /* CONTINUATIONs of one */

/* Of one connection. Zeroed: the client's preface is still to come. */
struct gate_frames {
    bool is_past_preface;
    bool is_in_block; /* a CONTINUATION has to come */
    int block_frames;
    size_t block_bytes;
    struct hpack_count block_fields;
    uint32_t last_stream;         /* the highest that was opened, */
    uint64_t opened;              /* and how many were */
    int64_t second_began_ns;      /* when counting began of */
    int in_second[HTTP2_REASONS]; /* the frames of each kind */
};

/*
 * Looks at the whole frames at the beginning of `bytes`. `is_closing`: libh2o takes no new streams
 * any more. Frames of kinds unknown are taken out, which moves the rest up and makes `length` less:
 * libh2o would write a line about each on stderr, from the loop.
 */
enum http2_reason gate_frames_check(struct gate_frames *frames, uint8_t *bytes, size_t *length,
                                    bool is_closing, int64_t now_ns);
