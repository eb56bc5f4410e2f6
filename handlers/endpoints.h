/*
 * Every endpoint that can be asked. To add one: a file of its own, which defines NAME_endpoint, a
 * name in this list, and its path in server/api/routes.c. Thread: any; constant.
 */
#pragma once

#include "handlers/plan.h"

#define EACH_ENDPOINT(DO) DO(hi) DO(parallel) DO(sequence)

#define ENDPOINT_DECLARE(name) extern const struct endpoint name##_endpoint;
EACH_ENDPOINT(ENDPOINT_DECLARE)

#define ENDPOINT_COUNT(name) +1
#define ENDPOINTS            (0 EACH_ENDPOINT(ENDPOINT_COUNT))

extern const struct endpoint *const endpoints[ENDPOINTS];
