/*
 * GOAWAY (RFC 9113, section 6.8): the ways in which a connection is told to end. What runs on it is
 * finished, unless it was nghttp2 who found a connection error. The bytes leave with the next turn;
 * output.c closes the connection behind them.
 *
 * Thread: the loop's. None of these frees the session.
 */
#pragma once

#include "server/http2/session.h"

/* It has flooded, or holds the connection up: counted, logged, told, and not read any more. */
void ending_flooded(struct session *session, enum http2_reason cause);

/* nghttp2 has found a connection error, or cannot go on for one of its own (negative). */
void ending_broken(struct session *session, int nghttp2_error);

/* nghttp2 has sent a GOAWAY with this code: counted and logged, if it is nghttp2's own. */
void ending_note(const struct session *session, uint32_t code);

/* One of its streams ends for this reason, and it alone: counted and logged. */
void ending_of_stream(const struct session *session, enum http2_stream_reason cause);

/* nghttp2 has reset one of its streams with this code. The same. */
void ending_note_stream(const struct session *session, uint32_t code);

/* Whether too many of them came to nothing: that is a flood too. */
void ending_judge(struct session *session, int64_t now_ns);

/* It is not needed any more; `text` says why, for people. */
void ending_unneeded(struct session *session, const char *text);

/* A drain begins: "there will be an end", and in a round trip ending_go_on() says which streams are
   still served. */
void ending_warn(struct session *session, int64_t now_ns);
void ending_go_on(struct session *session, int64_t now_ns);
