/*
 * The front door: what a client that has just connected speaks, found out before libh2o has it.
 * TLS shakes hands and agrees on a protocol (ALPN, RFC 7301); without TLS, HTTP/2 begins with its
 * preface (prior knowledge, RFC 9113, section 3.3) and anything else is HTTP/1. Before all that may
 * come a proxy's header (proxy_protocol.h), which is taken off.
 *
 * Thread: the loop's.
 */
#pragma once

#include "server/loop/connection.h"

/* Takes in a connection whose record is complete. It may be closed when this returns. */
void protocol_open(struct connection *connection);

/* The on_message of every context that clients shake hands with (ports/tls.h). */
tls_on_message protocol_message;
