/*
 * A crowd of random clients, in a process of its own: they connect, send requests whole, in
 * fragments, pipelined or not at all, read fast, slowly or never, half-close, reset and leave.
 * Every complete answer is checked against its question: its place, its X-Request-Id, its status,
 * its body.
 *
 * One seed makes the same clients do the same moves; only how the server's answers fall between
 * these differs.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct crowd {
    int port;
    uint32_t address; /* of loopback, in host order: one for each crowd, as ports run out */
    uint32_t seed;
    int clients;
    int patience_ms; /* for a client that stays to have all its answers */
};

/* Starts it; the process ends with status 0 when all were answered as they should be, with 1 and a
   line on stderr when one was not. It dies with its parent. */
pid_t crowd_start(const struct crowd *crowd);
