/*
 * One awaitd with TLS and limits so tight that a test need not wait for them, for all tests of a
 * file that attacks its HTTP/2: group set-up for cmocka; stop_tls_service() is its tear-down. Needs
 * cmocka.h before it.
 */
#pragma once

#include "tests/support/tls_service_case.h"

static inline int start_service(void **state)
{
    static const char *const options[] = {
        "--write-timeout",   "1s", "--max-count", "100000", "--max-body", "1KiB",
        "--request-timeout", "1s", NULL};
    (void)state;
    return start_tls_service_with(options);
}
