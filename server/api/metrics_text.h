/*
 * GET /metrics: all loops' counts in Prometheus's text format 0.0.4. Thread: any loop's.
 */
#pragma once

struct loop;
struct request;

/* A route's answer. */
void metrics_answer(struct request *request);

/* The loop's iteration is over: who asks next gets a new page. */
void metrics_forget(struct loop *loop);
