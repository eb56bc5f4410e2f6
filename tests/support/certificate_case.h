/*
 * One certificate for all tests of a file: group set-up and tear-down for cmocka. Needs cmocka.h
 * before it.
 */
#pragma once

#include "tests/support/certificate.h"

static struct certificate certificate;

static inline int make_certificate(void **state)
{
    (void)state;
    certificate_make(&certificate);
    return 0;
}

static inline int remove_certificate(void **state)
{
    (void)state;
    certificate_remove(&certificate);
    return 0;
}
