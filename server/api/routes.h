/*
 * The one list of paths that awaitd answers. Thread: any; constant.
 */
#pragma once

#include "server/http/request.h"

/* Every route, and at the end one whose path is NULL. */
extern const struct route routes[];

/* The route of exactly this path on the request's port, or NULL. */
const struct route *route_for(const struct request *request, h2o_iovec_t path);

/* The path nearest to this one among those for operators, for clients or both; NULL when none is
   near. */
const char *route_nearest(const char *path, size_t length, bool for_operators, bool for_clients);
