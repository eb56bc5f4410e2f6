/*
 * How a client goes about it, from an input's first byte: in pieces of which size it sends, and
 * whether it stays for the answer. Digits, so that seeds are text:
 *
 *     0 all at once   1 byte by byte   2 in sevens   3 in sixty-fours
 *     4 to 7: the same, and goes without reading an answer
 */
#pragma once

#include "tests/fuzz/loop.h"

static inline size_t client_piece_bytes(uint8_t how)
{
    static const size_t sizes[] = {SIZE_MAX, 1, 7, 64};
    return sizes[how & 3];
}

static inline bool client_stays(uint8_t how)
{
    return (how & 4) == 0;
}

/* The whole life of one client. Then `client` holds what it got; loop_free() it. */
static inline void client_live(struct client *client, uint8_t how, const uint8_t *bytes,
                               size_t size)
{
    loop_open(client, client_stays(how));
    for (size_t piece; size > 0; bytes += piece, size -= piece) {
        piece = size < client_piece_bytes(how) ? size : client_piece_bytes(how);
        loop_send(client, bytes, piece);
    }
    if (client_stays(how))
        loop_close(client);
    else
        loop_leave(client);
}
