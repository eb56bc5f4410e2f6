/*
 * The clock of every awaitd loop: monotonic nanoseconds, unmoved by changes of the wall clock, and
 * the same in all threads. timerfd counts by it too. Thread: any.
 */
#pragma once

#include <stdint.h>
#include <time.h>

/* text/duration.h says the same in the same words, as C allows: async/ uses no other room. */
#define NS_PER_SECOND 1000000000LL

static inline int64_t clock_now_ns(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* A time or a duration, not negative, as the system's calls take it. */
static inline struct timespec clock_timespec(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND};
}
