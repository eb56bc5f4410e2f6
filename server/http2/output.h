/*
 * From nghttp2 to the socket: what all streams have to say is gathered and written at once, before
 * the loop's turn ends. While a write is in flight nothing more is made, and when much waits behind
 * it, nothing more is read: nghttp2's queue of replies has no end.
 *
 * Also the end of a connection: its last byte is followed by the end of our side only, and what
 * still comes in is dropped for a while. Closing with bytes unread would reset it, and lose the
 * GOAWAY that is on its way (RFC 9112, section 9.6, has the same for HTTP/1).
 *
 * Thread: the loop's. A session may be gone when one of these returns.
 */
#pragma once

#include "server/http2/session.h"

/* Writes what there is to say. */
void output_write(struct session *session);

/* nghttp2's callback for how much of an answer may go into one DATA frame. */
ssize_t output_most_data(nghttp2_session *nghttp2, uint8_t type, int32_t id, int32_t window,
                         int32_t stream_window, uint32_t frame_bytes, void *user_data);

/* The client is gone, or is to be: ends what runs, and closes. */
void output_lose(struct session *session);

/* So many bytes came while it lingers. */
void output_drop(struct session *session, size_t bytes);

/* It has lingered for long enough. */
void output_sweep(struct session *session, int64_t now_ns);
