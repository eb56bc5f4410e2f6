/*
 * One awaitd for all tests of a file: group set-up and tear-down for cmocka. Needs cmocka.h before
 * it.
 */
#pragma once

#include "tests/support/count.h"
#include "tests/support/http.h"

static struct service service;

static inline int start_service(void **state)
{
    (void)state;
    service_start(&service, NULL);
    return 0;
}

static inline int stop_service(void **state)
{
    (void)state;
    service_stop(&service);
    return 0;
}
