/*
 * The way in for requests: checked, told from each other, and answered or started.
 * Thread: the request's loop.
 */
#pragma once

#include "server/base/h2o.h"

/* libh2o's handler for every request. */
int handle_request(h2o_handler_t *self, h2o_req_t *req);
