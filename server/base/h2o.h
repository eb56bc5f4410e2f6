/*
 * libh2o's header, with the version that awaitd's use of its public fields was checked against
 * (docs/decisions/0004-libh2o.md).
 */
#pragma once

#include <h2o.h>
#include <stdbool.h>

_Static_assert(H2O_VERSION_MAJOR == 2 && H2O_VERSION_MINOR == 2 && H2O_VERSION_PATCH == 5,
               "read docs/decisions/0004-libh2o.md before moving to another libh2o");

/* Of h2o_req_t.version, which has the major number in its high byte. */
#define HTTP_1_0 0x100
#define HTTP_1_1 0x101
