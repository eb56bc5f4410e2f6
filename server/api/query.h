/*
 * The query of a request: read strictly, so that a typo never silently means the default. The table
 * in parameters.c says what there is to read.
 * Thread: the request's loop; memory comes from the request's pool.
 */
#pragma once

#include "server/api/parameters.h"
#include "server/http/route.h"

/*
 * Fills in `query` from `text`, which is what stands after the '?', from `body`, which is a plan or
 * whose bytes are NULL, and the defaults, checked
 * against the limits in `config`. False: `problem` says which parameter is wrong, what was given
 * and what is allowed; `routes` are all there are, for it to name others.
 */
bool query_parse(struct text text, struct text body, const struct endpoint *endpoint,
                 const struct route *routes, const struct config *config, h2o_mem_pool_t *pool,
                 struct query *query, struct problem *problem);
