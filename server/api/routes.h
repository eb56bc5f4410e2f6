/*
 * The one list of paths that awaitd answers. Thread: any; constant.
 */
#pragma once

#include "server/http/request.h"

/* Every route, and at the end one whose path is NULL. */
extern const struct route routes[];

/* The route of exactly this path on the request's port, or NULL. */
const struct route *route_for(const struct request *request, h2o_iovec_t path);

/* The path on the request's port that is nearest to this one; NULL when none is near. */
const char *route_nearest(const struct request *request, h2o_iovec_t path);

/* The paths of those for operators in a sentence; `text` has NAME_LIST_BYTES. */
const char *route_operators(char *text);
