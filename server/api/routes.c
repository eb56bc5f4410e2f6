#include "server/api/routes.h"

#include "handlers/endpoints.h"
#include "server/api/front.h"
#include "server/api/health.h"
#include "server/api/live.h"
#include "server/api/live_events.h"
#include "server/api/live_runs.h"
#include "server/api/metrics_text.h"
#include "server/api/openapi.h"
#include "text/names.h"
#include <string.h>

#define ROUTE_TO(name) {.path = "/" #name, .endpoint = &name##_endpoint},

const struct route routes[] = {
    EACH_ENDPOINT(ROUTE_TO){.path = "/openapi.json", .answer = openapi_answer},
    {.path = "/", .answer = front_answer, .is_on = front_is_on},
    {.path = "/runs", .answer = live_answer_list, .is_on = live_is_on},
    {.path = "/runs/", .answer = live_answer_run, .is_on = live_is_on, .has_more = true},
    {.path = "/events", .answer = live_answer_events, .is_on = live_is_on},
    {.path = "/livez", .answer = health_answer_live, .is_for_operators = true},
    {.path = "/readyz", .answer = health_answer_ready, .is_for_operators = true},
    {.path = "/healthz", .answer = health_answer_live, .is_for_operators = true},
    {.path = "/metrics", .answer = metrics_answer, .is_for_operators = true},
    {.path = NULL},
};

#define ROUTES (sizeof routes / sizeof routes[0] - 1)

_Static_assert(ROUTES <= METRIC_ROUTES, "metrics.h counts by route");

/* With an admin port, each port has its own routes; without one, the main port has them all. */
static bool is_there(const struct route *route, const struct request *request)
{
    if (route->is_on != NULL && !route->is_on(request->config))
        return false;
    return request->config->admin_port == 0 ||
           route->is_for_operators == request->connection->is_admin;
}

static bool is_at(const struct route *route, h2o_iovec_t path)
{
    size_t length = strlen(route->path);
    if (route->has_more)
        return path.len > length && memcmp(path.base, route->path, length) == 0;
    return h2o_memis(path.base, path.len, route->path, length);
}

const struct route *route_for(const struct request *request, h2o_iovec_t path)
{
    for (const struct route *route = routes; route->path != NULL; route++)
        if (is_at(route, path))
            return is_there(route, request) ? route : NULL;
    return NULL;
}

/* Without the slash, which would make every short path look like /hi. */
const char *route_nearest(const struct request *request, h2o_iovec_t path)
{
    const char *names[ROUTES];
    size_t count = 0;
    for (const struct route *route = routes; route->path != NULL; route++)
        if (route->path[1] != '\0' && !route->has_more && is_there(route, request))
            names[count++] = route->path + 1;
    const char *nearest =
        path.len == 0 ? NULL : nearest_name(path.base + 1, path.len - 1, names, count);
    return nearest == NULL ? NULL : nearest - 1;
}

const char *route_operators(char *text)
{
    const char *paths[ROUTES];
    size_t count = 0;
    for (const struct route *route = routes; route->path != NULL; route++)
        if (route->is_for_operators)
            paths[count++] = route->path;
    return name_list_join(paths, count, " and ", text);
}
