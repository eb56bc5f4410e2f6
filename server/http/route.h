/*
 * What is answered at one path. api/routes.c has the table of them; the server lends it to all who
 * have to know. Thread: any; constant.
 */
#pragma once

#include "handlers/plan.h"
#include "server/base/h2o.h"
#include "text/word_list.h"

/* As many as the table may hold. */
#define ROUTES_MOST 16

/* Either an endpoint whose run is the answer, or an answer of the server's own. */
struct route {
    const char *path;                /* NULL at the table's end */
    const struct endpoint *endpoint; /* or NULL */
    void (*answer)(h2o_req_t *req);  /* or NULL */
    bool is_for_operators; /* on the admin port, where there is one, and then only there */
};

/* The paths of endpoints in a sentence: of those for which `is_listed` holds; NULL: of all. */
const char *route_endpoints(const struct route *routes,
                            bool (*is_listed)(const struct endpoint *endpoint),
                            char text[WORD_LIST_BYTES]);
