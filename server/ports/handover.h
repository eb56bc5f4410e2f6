/*
 * Leaving a port to a successor without resetting anybody.
 *
 * Every loop thread of every awaitd on a port has a socket of its own there (SO_REUSEPORT), and the
 * kernel spreads connections over them all. When one is closed, the kernel resets what waits in its
 * queue and each handshake that is under way there. So the sockets of one that drains take leave in
 * three steps:
 *   1. handover_begin(): the kernel sends new connections past them, if there are others;
 *   2. handover_refuse(), HANDOVER_STEER_MS later: they take no new handshake, but let begun ones
 *      end. Who is sent there all the same, as there are no others, tries again after a second;
 *   3. handover_end() and close, HANDOVER_REFUSE_MS later: nothing is left to reset.
 * A kernel that knows none of this, or wants CAP_NET_ADMIN for the filter, now and then resets a
 * connection, as it would without.
 */
#pragma once

#include "server/ports/ports.h"

/* A slow client's round trip. */
#define HANDOVER_STEER_MS 200

/* A quick one's: slow ones have been sent elsewhere. */
#define HANDOVER_REFUSE_MS 20

/* Thread: the main one. */
void handover_begin(const struct ports *ports, int loop_count);

/* Thread: the socket's own. */
void handover_refuse(int fd);

/* The kernel chooses for itself again. For one socket of each port. Thread: the socket's own. */
void handover_end(int fd);
