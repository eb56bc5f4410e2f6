/*
 * The routes: the one list of paths that awaitd answers. Thread: any; constant.
 */
#pragma once

#include "handlers/plan.h"

struct route {
    const char *path;
    const struct endpoint *endpoint;
};

/* The route of exactly this path, or NULL. */
const struct route *route_find(const char *path, size_t length);

/* The known path nearest to this one, or NULL when none is near. */
const char *route_nearest(const char *path, size_t length);
