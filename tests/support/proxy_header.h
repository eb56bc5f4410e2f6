/*
 * PROXY headers as a proxy would send them, for clients that play one.
 */
#pragma once

#include <stddef.h>

/* Of 192.0.2.7, and of 2001:db8::7; a literal, to stand in front of a request. */
#define PROXY_V1   "PROXY TCP4 192.0.2.7 10.0.0.1 56324 443\r\n"
#define PROXY_V1_6 "PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\n"

/* Has NULs: for send(), by its size without the last. With five bytes of a TLV behind it. */
#define PROXY_V2_SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define PROXY_V2                                                                                   \
    PROXY_V2_SIGNATURE "\x21\x11\0\x11"                                                            \
                       "\xc0\0\x02\x07\x0a\0\0\x01\xdc\x04\x01\xbb\x04\0\x02xx"
#define PROXY_V2_LOCAL PROXY_V2_SIGNATURE "\x20\0\0\0"
