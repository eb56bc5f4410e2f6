#include "server/routes.h"

#include "config/nearest.h"
#include <string.h>

static const struct route routes[] = {
    {"/hi", &hi_endpoint},
    {"/parallel", &parallel_endpoint},
    {"/sequence", &sequence_endpoint},
};

#define ROUTES (sizeof routes / sizeof *routes)

const struct route *route_find(const char *path, size_t length)
{
    for (size_t i = 0; i < ROUTES; i++)
        if (strlen(routes[i].path) == length && memcmp(routes[i].path, path, length) == 0)
            return &routes[i];
    return NULL;
}

const char *route_nearest(const char *path, size_t length)
{
    const char *paths[ROUTES];
    for (size_t i = 0; i < ROUTES; i++)
        paths[i] = routes[i].path;
    return nearest_name(path, length, paths, ROUTES);
}
