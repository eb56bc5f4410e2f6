/*
 * The endpoints that can be asked. Each has a file of its own, which defines its table,
 * NAME_endpoint, and a line in EACH_ENDPOINT. Thread: any; constant.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct co;

/* How hi() waits; also the value of the `sleep` parameter (sleep_names). */
enum sleep_mode {
    SLEEP_AWAITED,
    SLEEP_BLOCKING,
    SLEEP_FORGOTTEN,
    SLEEP_MODES,
};

struct endpoint {
    const char *name;
    bool takes_count;        /* else it is always one hi() */
    bool one_by_one;         /* its delays add up */
    uint32_t says_each;      /* how many words each hi() says, at most */
    size_t frame_bytes;      /* of its own frame, */
    size_t frame_bytes_each; /* and what each hi() adds to that */
    /* In the way of waiting that was asked for; the first stands in for one left out. */
    void (*bodies[SLEEP_MODES])(struct co *co);
};

/* Every endpoint, by the name of its file. */
#define EACH_ENDPOINT(DO)                                                                          \
    DO(hi)                                                                                         \
    DO(parallel)                                                                                   \
    DO(sequence)

#define ENDPOINT_DECLARE(name) extern const struct endpoint name##_endpoint;
#define ENDPOINT_COUNT(name)   +1

EACH_ENDPOINT(ENDPOINT_DECLARE)

#define ENDPOINTS (0 EACH_ENDPOINT(ENDPOINT_COUNT))

extern const struct endpoint *const endpoints[ENDPOINTS];
