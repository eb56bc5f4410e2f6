/*
 * What one request asked for, and of which endpoint. No HTTP here: the server's parser makes a plan
 * and has checked every bound; handlers trust it. Thread: any; whoever made a plan owns it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct co;

/* How hi() waits; also the value of the `sleep` parameter. */
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

struct plan {
    const struct endpoint *endpoint;
    const int64_t *delays_ns; /* of each task, or one for all */
    uint32_t delay_count;     /* `count` or 1 */
    uint32_t count;           /* how many hi(), at least 1 */
    enum sleep_mode sleep;
    bool timeline; /* keep who said what when */
};

/* How long the request takes if nothing is late; INT64_MAX where it cannot be counted. */
int64_t plan_duration_ns(const struct plan *plan);
