/*
 * A control: how late this machine lets a thread go on that does next to nothing. It is measured
 * beside what a test times, since a busy machine moves both. What the service does wrong moves one.
 *
 *     struct control control;
 *     control_begin(&control);
 *     ... what is timed ...
 *     assert_prompt(seconds, 0.3, control_end(&control));
 *
 * Thread: a thread of its own from begin to end; both are the test's to call, once each.
 */
#pragma once

#include "async/clock.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct control {
    pthread_t thread;
    atomic_bool is_over;
    int64_t worst_ns; /* the latest that it woke */
};

#define CONTROL_NAP_NS 1000000

static inline void *control_main(void *argument)
{
    struct control *control = argument;
    const struct timespec nap = {0, CONTROL_NAP_NS};
    while (!atomic_load(&control->is_over)) {
        int64_t before_ns = clock_now_ns();
        (void)nanosleep(&nap, NULL);
        int64_t late_ns = clock_now_ns() - before_ns - CONTROL_NAP_NS;
        control->worst_ns = late_ns > control->worst_ns ? late_ns : control->worst_ns;
    }
    return NULL;
}

static inline void control_begin(struct control *control)
{
    *control = (struct control){.worst_ns = 0};
    assert_int_equal(pthread_create(&control->thread, NULL, control_main, control), 0);
}

/* Returns by how many seconds it woke too late at worst. */
static inline double control_end(struct control *control)
{
    atomic_store(&control->is_over, true);
    assert_int_equal(pthread_join(control->thread, NULL), 0);
    return (double)control->worst_ns / 1e9;
}

/* Between a client and what it waits for, so many threads go on one after another, at most. */
#define CONTROL_HANDOVERS 16

/* `seconds` is at most `bound_seconds`, and what the machine added. */
#define assert_prompt(seconds, bound_seconds, late_seconds)                                        \
    do {                                                                                           \
        double seconds_ = (seconds);                                                               \
        double late_seconds_ = (late_seconds);                                                     \
        if (seconds_ > (bound_seconds) + CONTROL_HANDOVERS * late_seconds_)                        \
            fail_msg("%s: %.6f s, and at most %.6f s were allowed; a thread that only naps was "   \
                     "late by up to %.6f s meanwhile",                                             \
                     #seconds, seconds_, (double)(bound_seconds), late_seconds_);                  \
    } while (0)
