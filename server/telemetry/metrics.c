#include "server/telemetry/metrics.h"

#include "text/duration.h"
#include <stddef.h>

#define MS(n) ((n)*NS_PER_MS)
#define US(n) ((n)*NS_PER_US)

const struct histogram_bounds request_bounds = {
    .count = 19,
    .ns = {MS(1), MS(5), MS(10), MS(25), MS(50), MS(75), MS(100), MS(250), MS(500), MS(750),
           MS(1000), MS(1050), MS(2050), MS(2500), MS(3050), MS(5000), MS(7500), MS(10000),
           MS(10500)},
};

const struct histogram_bounds delay_bounds = {
    .count = 14,
    .ns = {US(10), US(25), US(50), US(100), US(250), US(500), MS(1), US(2500), MS(5), MS(10),
           MS(25), MS(50), MS(100), MS(1000)},
};

void histogram_add(struct histogram *histogram, const struct histogram_bounds *bounds,
                   int64_t value_ns)
{
    int bucket = 0;
    while (bucket < bounds->count && value_ns > bounds->ns[bucket])
        bucket++;
    counter_add(&histogram->buckets[bucket], 1);
    counter_add(&histogram->sum_ns, (uint64_t)value_ns);
}

_Static_assert(sizeof(struct metrics) % sizeof(struct counter) == 0, "counters and nothing else");

uint64_t metrics_requests(const struct metrics *metrics)
{
    const struct counter *each = &metrics->requests[0][0][0];
    uint64_t requests = 0;
    for (size_t i = 0; i < sizeof metrics->requests / sizeof *each; i++)
        requests += counter_read(&each[i]);
    return requests;
}

void metrics_add(struct metrics *sum, const struct metrics *one)
{
    struct counter *to = (struct counter *)sum;
    const struct counter *from = (const struct counter *)one;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        counter_add(&to[i], counter_read(&from[i]));
}
