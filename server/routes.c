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

/* Without the slash, which would make every short path look like /hi. */
const char *route_nearest(const char *path, size_t length)
{
    const char *names[ROUTES];
    if (length == 0)
        return NULL;
    for (size_t i = 0; i < ROUTES; i++)
        names[i] = routes[i].path + 1;
    const char *nearest = nearest_name(path + 1, length - 1, names, ROUTES);
    return nearest == NULL ? NULL : nearest - 1;
}
