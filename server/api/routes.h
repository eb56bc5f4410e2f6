/*
 * The routes: the one list of paths that awaitd answers. Thread: any; constant.
 */
#pragma once

#include "handlers/plan.h"
#include "server/base/h2o.h"

#define ROUTES 8

/* Either an endpoint whose run is the answer, or an answer of the server's own. */
struct route {
    const char *path;
    const struct endpoint *endpoint;
    void (*answer)(h2o_req_t *req);
    bool is_for_operators; /* on the admin port, where there is one, and then only there */
};

extern const struct route routes[ROUTES];

/* The route of exactly this path, or NULL. */
const struct route *route_find(const char *path, size_t length);

/* The path nearest to this one among those for operators, for clients or both; NULL when none is
 * near. */
const char *route_nearest(const char *path, size_t length, bool for_operators, bool for_clients);

/* The paths of endpoints, of all or of those that take a count, in a sentence; `text` has
 * WORD_LIST_BYTES. */
const char *route_endpoints(bool with_count_only, char *text);
