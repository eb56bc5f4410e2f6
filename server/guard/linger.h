/*
 * Closing in stages (RFC 9112, section 9.6; docs/decisions/0017-closing-in-stages.md). A connection
 * that is closed while its client still sends is reset by the kernel, and the reset overtakes the
 * answer. So libh2o's h2o_socket_close() is hidden by ours: the sending side is shut first, then
 * what still comes is read and dropped until the client has closed too, or has had enough time.
 *
 * Meanwhile the connection is one like any other: it counts, the sweep looks at it, and a drain's
 * deadline ends it. HTTP/2 is closed at once. Thread: the loop's.
 */
#pragma once

#include "server/loop/connection.h"

/* Whether a client that is as quiet as since `quiet_since_ns` has had enough time. */
bool linger_is_over(const struct connection *connection, int64_t quiet_since_ns, int64_t now_ns);

/* Closes it for good. */
void linger_end(struct connection *connection);
