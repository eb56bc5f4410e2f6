/*
 * libh2o's one handler: reads a request, checks it against every limit, and starts its run, or
 * answers with a problem. Thread: the request's loop.
 */
#pragma once

#include "server/base/h2o.h"

/* An h2o_handler_t's on_req. Always returns 0: every path is ours to answer. */
int handle_request(h2o_handler_t *self, h2o_req_t *req);
