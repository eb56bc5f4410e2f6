/*
 * Every endpoint that can be asked. To add one:
 *   1. write handlers/NAME.c, which defines `const struct endpoint NAME_endpoint`;
 *   2. add DO(NAME) to EACH_ENDPOINT, from which its declaration, its route, its part of
 *      /openapi.json and its test follow.
 *
 * Thread: any; constant.
 */
#pragma once

#include "handlers/plan.h"

/* Those whose shape is theirs, and not their caller's. */
#define EACH_SHAPED_ENDPOINT(DO) DO(hi) DO(parallel) DO(sequence)
#define EACH_ENDPOINT(DO)        EACH_SHAPED_ENDPOINT(DO) DO(run)

#define ENDPOINT_DECLARE(name) extern const struct endpoint name##_endpoint;
EACH_ENDPOINT(ENDPOINT_DECLARE)
