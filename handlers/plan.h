/*
 * What one request asked for. No HTTP here: the server's parser makes a plan and has checked every
 * bound; handlers trust it.
 */
#pragma once

#include "handlers/endpoint.h"

struct plan {
    const struct endpoint *endpoint;
    const int64_t *delays_ns; /* of each task, or one for all */
    uint32_t delay_count;     /* `count` or 1 */
    uint32_t count;           /* how many hi(), at least 1 */
    enum sleep_mode sleep;
    bool timeline; /* keep who said what when */
};

/* How long the request takes if nothing is late; INT64_MAX where it cannot be counted. */
int64_t plan_duration_ns(const struct plan *plan);
