/*
 * Whose word on where a request came from counts: the setting trusted_proxies, read.
 * Thread: any; no state.
 */
#pragma once

#include "text/address.h"

#define TRUSTED_NETWORKS 64

struct trusted {
    struct network networks[TRUSTED_NETWORKS];
    int count;
    bool has_unix; /* whoever connects to the Unix socket */
};

/* Reads a list of networks and the word "unix", separated by commas. False: `bad` is the first that
   is neither, or one more than there is room for. */
bool trusted_parse(struct trusted *trusted, const char *list, struct text *bad);

static inline bool trusted_is_nobody(const struct trusted *trusted)
{
    return trusted->count == 0 && !trusted->has_unix;
}

/* NULL: a Unix socket's other end. */
bool trusted_has(const struct trusted *trusted, const struct address *address);
