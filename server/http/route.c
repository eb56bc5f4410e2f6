#include "server/http/route.h"

const char *route_endpoints(const struct route *routes,
                            bool (*is_listed)(const struct endpoint *endpoint),
                            struct word_list *list)
{
    *list = (struct word_list){.length = 0};
    for (const struct route *route = routes; route->path != NULL; route++)
        if (route->endpoint != NULL && (is_listed == NULL || is_listed(route->endpoint)))
            word_list_add(list, route->path);
    return word_list_end(list);
}
