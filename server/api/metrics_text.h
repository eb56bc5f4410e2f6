/*
 * GET /metrics: all threads' counts in Prometheus's text format 0.0.4. Thread: any loop's.
 */
#pragma once

#include "server/base/h2o.h"

/* A route's answer. */
void metrics_answer(h2o_req_t *req);
