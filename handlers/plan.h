/*
 * What one request asked for, and the endpoints that can be asked. No HTTP here: the server's
 * parser makes a plan and has checked every bound; handlers trust it.
 */
#pragma once

#include "async/async.h"

/* How hi() waits; also the value of the `sleep` parameter. */
enum sleep_mode {
    SLEEP_AWAITED,
    SLEEP_BLOCKING,
    SLEEP_FORGOTTEN,
    SLEEP_MODES,
};

struct endpoint {
    const char *name;
    bool takes_count; /* /hi is always one */
    bool one_by_one;  /* its delays add up */
    size_t (*frame_bytes)(uint32_t count);
    co_body *bodies[SLEEP_MODES];
};

struct plan {
    const struct endpoint *endpoint;
    const int64_t *delays_ns; /* of each task, or one for all */
    uint32_t delay_count;     /* `count` or 1 */
    uint32_t count;           /* how many hi() */
    enum sleep_mode sleep;
    bool timeline; /* keep who said what when */
};

extern const struct endpoint hi_endpoint;
extern const struct endpoint parallel_endpoint;
extern const struct endpoint sequence_endpoint;

/* How long the request takes if nothing is late; INT64_MAX where it cannot be counted. */
int64_t plan_duration_ns(const struct plan *plan);
