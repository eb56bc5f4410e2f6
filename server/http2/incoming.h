/*
 * What comes in for a stream: the fields of its head, and its body. What nghttp2 does not judge is
 * judged here: sizes, the authority, what the client expects.
 *
 * Thread: the loop's.
 */
#pragma once

#include "server/http2/stream.h"

/* Beyond so many fields, and beyond HEAD_BYTES, decoded, with 32 for each field as RFC 9113,
   section 6.5.2, counts, a head is not kept, and is answered 431. */
#define HEAD_MOST_FIELDS 256

void incoming_field(struct stream *stream, h2o_iovec_t name, h2o_iovec_t value);

/* Its head is complete, `is_whole` if there is no body: it is handled, refused, or waits for its
   body. */
void incoming_head_ends(struct stream *stream, bool is_whole);

/* It is kept of a POST, which alone may bring a plan, and else only counted. */
void incoming_body(struct stream *stream, const uint8_t *bytes, size_t length);
