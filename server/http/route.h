/*
 * What is answered at one path. api/routes.c has the table of them; struct shared lends it to all
 * rooms below. Thread: any; constant.
 */
#pragma once

#include "config/config.h"
#include "handlers/plan.h"
#include <stdbool.h>

struct request;

/* Either an endpoint whose run is the answer, or an answer of the server's own. */
struct route {
    const char *path;                           /* NULL at the table's end */
    const struct endpoint *endpoint;            /* or NULL */
    void (*answer)(struct request *request);    /* or NULL */
    bool (*is_on)(const struct config *config); /* NULL: always */
    bool has_more;                              /* the path goes on behind it */
    bool is_for_operators; /* on the admin port, where there is one, and then only there */
};

/* The paths of endpoints in a sentence: of those for which `is_listed` holds; NULL: of all. `text`
   has NAME_LIST_BYTES. */
const char *route_endpoints(const struct route *routes,
                            bool (*is_listed)(const struct endpoint *endpoint), char *text);
