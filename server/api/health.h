/*
 * Health, by the names that Kubernetes uses. Thread: any loop's.
 */
#pragma once

#include "server/base/h2o.h"

/* GET /livez, /healthz: 200 for as long as a loop can answer, also during a drain. */
void health_answer_live(h2o_req_t *req);

/* GET /readyz: 200, or 503 from the moment that a drain begins. */
void health_answer_ready(h2o_req_t *req);

/*
 * awaitd --healthcheck: asks the instance that runs with this configuration. Returns the exit
 * status: 0 when it is alive; 1 otherwise, with a line on stderr. Takes 3 seconds at the most.
 */
struct config;
int health_check(const struct config *config);
