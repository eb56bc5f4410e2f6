/*
 * A CONTINUATION after the second GOAWAY of a drain, on which libh2o's loop would spin for ever
 * (docs/threats.md).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate_case.h"
#include "tests/support/h2.h"
#include <signal.h>

#define PATIENCE_MS 10000

static void continuation_in_drain(bool is_tls)
{
    struct service draining;
    struct h2 h2;
    struct h2_frame frame;
    const char *const arguments[] = {"--tls-cert", certificate.cert,
                                     "--tls-key",  certificate.key,
                                     "--tls-port", "0",
                                     "--threads",  "1",
                                     NULL};
    service_start_bare(&draining, arguments);
    h2_open(&h2, &draining, is_tls);
    h2_get(&h2, 1, "/hi?delay=3s", H2_END_STREAM);
    uint8_t block[256];
    size_t length = h2_block(block, "GET", "/hi");
    h2_frame(&h2, H2_HEADERS, H2_END_STREAM, 3, block, length);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    service_signal(&draining, SIGTERM);
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    h2_frame(&h2, H2_CONTINUATION, 0, 3, NULL, 0);
    h2_frame(&h2, H2_CONTINUATION, H2_END_HEADERS, 3, NULL, 0);
    (void)h2_send(&h2);
    /* Ends at once, as nobody is left; a loop that spins is killed by the watchdog, status 1. */
    assert_int_equal(service_wait(&draining, 8000), 0);
    h2_close(&h2);
}

static void continuation_while_draining(void **state)
{
    (void)state;
    continuation_in_drain(false);
    continuation_in_drain(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(continuation_while_draining),
    };
    return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
