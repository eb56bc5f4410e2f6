/*
 * GET /openapi.json: the API as OpenAPI 3.1, made from the routes, the parameters, the views and
 * the limits that are in force. Thread: any loop's.
 */
#pragma once

struct request;

/* A route's answer. */
void openapi_answer(struct request *request);
