/*
 * The frame of hi(), for those who await it: as a member to call it, as an array to gather it.
 */
#pragma once

#include "async/async.h"

struct hi {
    struct co co;
};

/* How many words it says. */
#define HI_SAYS 2

/* hi() in the way of waiting that the request asked for. */
co_body *hi_of(const struct co *co);
