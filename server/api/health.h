/*
 * Whether this server lives and is ready, under the paths that Kubernetes uses. Thread: any loop's.
 */
#pragma once

struct request;

/* GET /livez, /healthz: 200 for as long as a loop can answer, also during a drain. */
void health_answer_live(struct request *request);

/* GET /readyz: 200, or 503 from the moment that a drain begins. */
void health_answer_ready(struct request *request);
