/*
 * Answers that are the same each time: their ETag, and whether the client has it already (RFC 9110,
 * sections 8.8.3 and 13.1.2). Thread: the request's loop.
 */
#pragma once

#include "handlers/plan.h"
#include "server/http/request.h"

/* The ETag of a run on a virtual clock, as the view of this name shows it: it follows from what was
   asked for, and from this version of awaitd. In memory of the request's pool. */
const char *validator_etag(const struct request *request, const struct plan *plan,
                           const char *view_name);

/* Whether an If-None-Match header names it. */
bool validator_matches(const struct request *request, const char *etag);

/* Adds it, and that caches may keep the answer if they ask each time whether it is the same. */
void validator_add(struct request *request, const char *etag);
