/*
 * A condition variable whose time-outs follow the clock of async/clock.h, which nobody sets.
 */
#pragma once

#include <pthread.h>
#include <time.h>

static inline void monotonic_cond_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(condition, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}
