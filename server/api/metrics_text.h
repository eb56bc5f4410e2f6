/*
 * GET /metrics: all loops' counts in Prometheus's text format 0.0.4. Thread: any loop's.
 */
#pragma once

struct request;

/* A route's answer. */
void metrics_answer(struct request *request);
