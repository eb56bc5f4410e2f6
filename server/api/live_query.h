/*
 * What /runs and /events are asked for. Each returns false where the problem is to be sent.
 * Thread: the request's loop.
 */
#pragma once

#include "server/http/problem.h"
#include "server/http/request.h"

/* The values of these names, each at most once; any other name is a problem. */
bool live_read_query(struct request *request, const char *const *names, struct text *const *values,
                     size_t count, struct problem *problem);

/* The beginning of a request id. */
bool live_read_prefix(struct text given, char prefix[65], struct problem *problem);

/* A run of this process; 0 without one. */
bool live_read_run(const struct request *request, const char *name, struct text given,
                   uint64_t *number, struct problem *problem);
