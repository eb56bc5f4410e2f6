/*
 * The frame of hi(), for whoever awaits it: a member to call it, an array to gather it.
 */
#pragma once

#include "async/async.h"

struct hi {
    struct co co;
};

/* How many words one hi() says. */
#define HI_SAYS 2

/* Returns the hi() that waits in the way that the request asked for. */
co_body *hi_of(const struct co *co);
