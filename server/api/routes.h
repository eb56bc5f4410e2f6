/*
 * The routes: the one list of paths that awaitd answers. On top of all that answers them; who is
 * below and has to know gets the table lent. Thread: any; constant.
 */
#pragma once

#include "server/http/route.h"

#define ROUTES 8

/* Ends with a path of NULL. */
extern const struct route routes[ROUTES + 1];

/* The route of exactly this path, or NULL. */
const struct route *route_find(const char *path, size_t length);

/* The path nearest to this one among those for operators, for clients or both; NULL when none is
 * near. */
const char *route_nearest(const char *path, size_t length, bool for_operators, bool for_clients);
