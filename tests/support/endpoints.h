/*
 * Every endpoint, for tests that hold all of them to something.
 */
#pragma once

#include "handlers/endpoints.h"

#define ENDPOINT_ADDRESS(name) &name##_endpoint,

static const struct endpoint *const endpoints[] = {EACH_SHAPED_ENDPOINT(ENDPOINT_ADDRESS)};

#define ENDPOINTS (sizeof endpoints / sizeof endpoints[0])
