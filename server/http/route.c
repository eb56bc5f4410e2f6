#include "server/http/route.h"

#include "server/telemetry/metrics.h"
#include "text/names.h"

const char *route_endpoints(const struct route *routes,
                            bool (*is_listed)(const struct endpoint *endpoint), char *text)
{
    const char *paths[METRIC_ROUTES];
    size_t count = 0;
    for (const struct route *route = routes; route->path != NULL; route++)
        if (route->endpoint != NULL && (is_listed == NULL || is_listed(route->endpoint)))
            paths[count++] = route->path;
    return name_list_join(paths, count, " and ", text);
}
