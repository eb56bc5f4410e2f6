/*
 * What takes too long on an HTTP/2 connection. A stream that does is its own fault alone, and ends
 * alone (RFC 9113, section 5.4.2): a request that does not get whole is answered 408, an answer
 * that its client's windows do not let out is reset. Only half a frame holds up all of them.
 *
 * Thread: the loop's, from its sweep.
 */
#pragma once

#include "server/http2/session.h"

/* Looks at all of it. The session may be gone when this returns. */
void timeouts_sweep(struct session *session, int64_t now_ns);
