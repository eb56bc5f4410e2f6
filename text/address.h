/*
 * Internet addresses and networks as people write them: "192.0.2.1", "2001:db8::1", "10.0.0.0/8".
 * Thread: any; no state.
 */
#pragma once

#include "text/text.h"
#include <stdint.h>

/* Room for any address that address_print() writes, with its NUL. */
#define ADDRESS_TEXT_BYTES 46

/* IPv6, or IPv4 as ::ffff:0:0/96 holds it (RFC 4291, section 2.5.5.2), in the network's order. */
struct address {
    uint8_t bytes[16];
};

struct network {
    struct address address; /* its bits past the prefix are 0 */
    int prefix_bits;        /* 0 to 128; IPv4's count from 96 */
};

struct address address_of_ipv4(const uint8_t bytes[4]);

/* Takes neither a zone ("fe80::1%eth0") nor numbers with leading zeros. */
bool address_parse(struct text text, struct address *address);

void address_print(const struct address *address, char text[ADDRESS_TEXT_BYTES]);

static inline bool address_is(const struct address *address, const struct address *other)
{
    return memcmp(address->bytes, other->bytes, sizeof other->bytes) == 0;
}

/* "address" or "address/bits". False also where a bit past the prefix is set: somebody erred. */
bool network_parse(struct text text, struct network *network);

bool network_has(const struct network *network, const struct address *address);
