/*
 * One awaitd that speaks TLS too, with a certificate of its own, for all tests of a file: group
 * set-up and tear-down for cmocka. service_case.h is the same without TLS. Needs cmocka.h before
 * it.
 */
#pragma once

#include "tests/support/certificate_case.h"
#include "tests/support/count.h"
#include "tests/support/http.h"

static struct service service;

/* For a file's own set-up: `options` is a NULL-terminated list as for service_start(), or NULL. */
static inline int start_tls_service_with(const char *const *options)
{
    (void)make_certificate(NULL);
    certificate_serve(&service, &certificate, options);
    return 0;
}

static inline int start_tls_service(void **state)
{
    (void)state;
    return start_tls_service_with(NULL);
}

static inline int stop_tls_service(void **state)
{
    service_stop(&service);
    return remove_certificate(state);
}
