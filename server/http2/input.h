/*
 * From the socket to nghttp2, and what nghttp2 makes of it: heads, bodies, ends of streams.
 * Thread: the loop's.
 */
#pragma once

#include "server/http2/session.h"

/* The callbacks of every session, for its engine. */
void input_set_callbacks(nghttp2_session_callbacks *callbacks);

/* The socket's read callback. The session may be gone when it returns. */
void input_on_read(h2o_socket_t *socket, const char *error);
