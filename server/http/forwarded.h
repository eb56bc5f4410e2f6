/*
 * Whom proxies ask for: the fields Forwarded (RFC 7239) and X-Forwarded-For, to which each appends
 * the address that it was asked from. They are read from their ends, as far as those who wrote are
 * trusted (docs/decisions/0019-proxies.md). Bytes in, addresses out. Thread: any; no state.
 */
#pragma once

#include "config/trusted.h"

enum forwarded_field {
    FORWARDED,
    X_FORWARDED_FOR,
};

/* How far the way back is known. */
struct hops {
    struct address last;
    bool is_any; /* else the peer is all that is known */
};

/* Goes back along the `value` of one such field. True: all of it was written by those who are
   trusted, so that the field above it counts too. */
bool forwarded_follow(struct text value, enum forwarded_field field, const struct trusted *trusted,
                      struct hops *hops);
