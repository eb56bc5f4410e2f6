/*
 * CO_CHECK: misuse of the runtime stops the process and says what was wrong, in release builds too.
 * A coroutine that is resumed wrongly could go on in another request's memory, which is worse.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>

/* A function that most scopes never need: it is kept out of the way of those that all need. */
#define CO_RARELY __attribute__((cold, noinline))

#define CO_CHECK(condition, message)                                                               \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, (message));                   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)
