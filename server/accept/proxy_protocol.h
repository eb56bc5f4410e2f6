/*
 * The header that a proxy puts in front of a connection to say whose it is: HAProxy's PROXY
 * protocol, version 1 (a line of text) and 2 (binary); "spec" is doc/proxy-protocol.txt in
 * HAProxy's sources. Bytes in, verdict out. Thread: any; no state.
 */
#pragma once

#include "text/address.h"

/* The longest that is read: version 1 by the spec, version 2 as in nginx, with room for TLVs. */
#define PROXY_V1_MOST_BYTES 107
#define PROXY_V2_MOST_BYTES 4096

enum proxy_verdict {
    PROXY_UNFINISHED, /* all bytes belong to the header, and more are to come */
    PROXY_CLIENT,     /* the header is there, and names the client */
    PROXY_NOBODY,     /* the header is there, and names nobody that has an address */
    PROXY_BAD,        /* that is no header, whatever follows */
};

struct proxy_header {
    size_t length; /* what follows is the client's */
    struct address client;
};

/* Looks at the `count` bytes that have come so far. Fills in `header` when it is there: its client
   only where it is named. */
enum proxy_verdict proxy_header_read(const uint8_t *bytes, size_t count,
                                     struct proxy_header *header);
