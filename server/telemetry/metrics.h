/*
 * What is counted. Each loop counts for itself and whoever asks adds the loops up, so counting
 * costs a plain addition: no lock, no contention, no shared cache line
 * (docs/decisions/0009-counting-without-locks.md).
 *
 * Owner: struct shared has one struct metrics for each loop. Thread: counter_add() and
 * histogram_add() on that loop's; reading on any.
 */
#pragma once

#include "server/base/method.h"
#include "server/base/status.h"
#include "server/telemetry/reasons.h"
#include <stdatomic.h>
#include <stdint.h>

/* Written by one thread, read by any. */
struct counter {
    atomic_uint_least64_t value;
};

/* Without the locked instruction of an atomic addition: there is one writer. */
static inline void counter_add(struct counter *counter, uint64_t more)
{
    uint64_t now = atomic_load_explicit(&counter->value, memory_order_relaxed);
    atomic_store_explicit(&counter->value, now + more, memory_order_relaxed);
}

static inline uint64_t counter_read(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

#define HISTOGRAM_BUCKETS 24

/* The upper bounds of a histogram's buckets, ascending; one more bucket takes the rest. */
struct histogram_bounds {
    int count;
    int64_t ns[HISTOGRAM_BUCKETS];
};

struct histogram {
    struct counter buckets[HISTOGRAM_BUCKETS + 1];
    struct counter sum_ns;
};

void histogram_add(struct histogram *histogram, const struct histogram_bounds *bounds,
                   int64_t value_ns);

/* Requests: OpenTelemetry's advice, with buckets that tell 1 s, 2 s and 3 s from a little more. */
extern const struct histogram_bounds request_bounds;
/* How late a sleep ended, how long a loop was busy. */
extern const struct histogram_bounds delay_bounds;

/* At least as many as there are routes. */
#define METRIC_ROUTES 16

/* One loop's. Counters alone, so that metrics_add() need not know which. */
struct metrics {
    /* The last of each is any other: [METHOD_OTHER][METRIC_ROUTES][STATUSES]. */
    struct counter requests[METHODS][METRIC_ROUTES + 1][STATUSES + 1];
    struct histogram durations[METRIC_ROUTES];
    /* metrics_add() reads ends before beginnings, so that their difference is never negative. */
    struct counter ended;    /* requests whose run has ended */
    struct counter taken_on; /* requests whose run was started */
    struct counter closed;   /* connections that are closed */
    struct counter opened;   /* all connections */
    struct counter tasks_done;
    struct counter tasks_cancelled;
    struct counter cut_off;     /* requests that the end of the drain ended */
    struct counter disconnects; /* clients that left before their answer */
    struct counter tls_done;    /* handshakes that succeeded */
    struct counter tls_failed;  /* handshakes that did not */
    struct counter http2_killed[HTTP2_REASONS];
    struct counter rejections[REJECTIONS];
    struct counter cuts[CUTS];
    struct counter accept_pauses; /* for want of descriptors or memory */
    struct histogram overshoot;   /* how late sleeps ended */
    struct histogram iterations;  /* how long the loop was busy from one wait to the next */
    struct counter slow_iterations;
};

/* How many requests there are in `requests`. */
uint64_t metrics_requests(const struct metrics *metrics);

/* Adds all counters of `one` to those of `sum`, which is the caller's own. */
void metrics_add(struct metrics *sum, const struct metrics *one);
