/*
 * GET /openapi.json: the API as OpenAPI 3.1. What is the same for all stands in openapi.json, which
 * the build puts into the binary; endpoints, parameters, views and the limits in force are filled
 * in from their tables. Thread: any loop's.
 */
#pragma once

#include "config/config.h"
#include "server/http/route.h"
#include <jansson.h>

/* The caller frees it with json_decref(); NULL: there is no memory for it. */
json_t *openapi_document(const struct config *config, const struct route *routes);

/* The same as text, which the caller frees. */
char *openapi_text(const struct config *config, const struct route *routes);

/* A route's answer: the text that struct shared lends. */
void openapi_answer(struct request *request);
