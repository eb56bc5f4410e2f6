/*
 * Where every request comes in: it is checked, its route is found, and it is answered or its run is
 * started.
 * Thread: the request's loop.
 */
#pragma once

#include "server/base/h2o.h"

/* libh2o's handler for every request. */
int handle_request(h2o_handler_t *self, h2o_req_t *req);
