#include "server/api/routes.h"

#include "server/api/health.h"
#include "server/api/metrics_text.h"
#include "server/api/openapi.h"
#include "text/nearest.h"
#include <string.h>

const struct route routes[ROUTES + 1] = {
    {.path = "/hi", .endpoint = &hi_endpoint},
    {.path = "/parallel", .endpoint = &parallel_endpoint},
    {.path = "/sequence", .endpoint = &sequence_endpoint},
    {.path = "/openapi.json", .answer = openapi_answer},
    {.path = "/livez", .answer = health_answer_live, .is_for_operators = true},
    {.path = "/readyz", .answer = health_answer_ready, .is_for_operators = true},
    {.path = "/healthz", .answer = health_answer_live, .is_for_operators = true},
    {.path = "/metrics", .answer = metrics_answer, .is_for_operators = true},
    {.path = NULL},
};

_Static_assert(ROUTES <= ROUTES_MOST, "lists of routes need more room");

const struct route *route_find(const char *path, size_t length)
{
    for (size_t i = 0; i < ROUTES; i++)
        if (strlen(routes[i].path) == length && memcmp(routes[i].path, path, length) == 0)
            return &routes[i];
    return NULL;
}

/* Without the slash, which would make every short path look like /hi. */
const char *route_nearest(const char *path, size_t length, bool for_operators, bool for_clients)
{
    const char *names[ROUTES];
    size_t count = 0;
    for (size_t i = 0; i < ROUTES; i++)
        if (routes[i].is_for_operators ? for_operators : for_clients)
            names[count++] = routes[i].path + 1;
    const char *nearest = length == 0 ? NULL : nearest_name(path + 1, length - 1, names, count);
    return nearest == NULL ? NULL : nearest - 1;
}
