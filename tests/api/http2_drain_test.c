/*
 * HTTP/2 connections of a service that stops: what runs is finished or told, what is idle lets it
 * end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate.h"
#include "tests/support/h2.h"
#include "tests/support/http.h"
#include <signal.h>
#include <unistd.h>

#define PATIENCE_MS 10000

/* What runs is finished, also what was asked between the two GOAWAYs; then the connection closes,
   and the process ends. */
static void a_drain(bool is_tls)
{
    struct certificate certificate;
    struct service draining;
    struct h2 h2;
    struct h2_frame frame;
    int error = 0;
    certificate_make(&certificate);
    certificate_serve(&draining, &certificate, NULL);
    h2_open(&h2, &draining, is_tls);
    h2_get(&h2, 1, "/parallel?delay=1500ms", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    service_signal(&draining, SIGTERM);
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_int_equal(frame.payload[0], 0x7f);
    h2_get(&h2, 3, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, 3, PATIENCE_MS));
    assert_true(h2_answered(&h2, 1, PATIENCE_MS));
    assert_true(h2_ends(&h2, &error, PATIENCE_MS));
    assert_int_equal(service_wait(&draining, PATIENCE_MS), 0);
    h2_close(&h2);
    certificate_remove(&certificate);
}

static void what_runs_is_finished(void **state)
{
    (void)state;
    a_drain(false);
    a_drain(true);
}

/* What a client sent before it heard of the end is for streams that are none, and is ignored with
   all that belongs to it (RFC 9113, section 6.8); what runs is finished. */
static void late_ones_are_ignored(void **state)
{
    struct service draining;
    struct h2 h2;
    struct h2_frame frame;
    int error = -1;
    (void)state;
    service_start(&draining, NULL);
    h2_open(&h2, &draining, false);
    h2_get(&h2, 1, "/hi?delay=1500ms", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    service_signal(&draining, SIGTERM);
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_int_equal(frame.payload[3], 1); /* the last stream that is served */
    h2_get(&h2, 3, "/hi?delay=0", 0);
    h2_frame(&h2, H2_DATA, 0, 3, "x", 1);
    h2_number(&h2, H2_WINDOW_UPDATE, 3, 1000);
    h2_number(&h2, H2_RST_STREAM, 3, H2_CANCEL);
    h2_get(&h2, 5, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, 1, PATIENCE_MS));
    assert_true(h2_ends(&h2, &error, PATIENCE_MS));
    assert_int_equal(error, -1); /* no third GOAWAY */
    assert_int_equal(service_wait(&draining, PATIENCE_MS), 0);
    h2_close(&h2);
}

/* A server begins with SETTINGS, also when it ends before its client has begun (section 3.4). */
static void settings_come_first(void **state)
{
    struct certificate certificate;
    struct service draining;
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    certificate_make(&certificate);
    certificate_serve(&draining, &certificate, NULL);
    h2_connect(&h2, &draining, true);
    service_signal(&draining, SIGTERM);
    assert_true(h2_read(&h2, &frame, PATIENCE_MS));
    assert_int_equal(frame.type, H2_SETTINGS);
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_int_equal(service_wait(&draining, PATIENCE_MS), 0);
    h2_close(&h2);
    certificate_remove(&certificate);
}

/* Idle ones, and those that are not even known to be HTTP/2, do not hold it up. */
static void idle_ones_let_it_end(void **state)
{
    struct service draining;
    struct h2 idle;
    struct h2_frame frame;
    int error = -1;
    (void)state;
    service_start(&draining, NULL);
    h2_open(&idle, &draining, false);
    assert_true(h2_send(&idle));
    assert_true(h2_read_to(&idle, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    int half = raw_connect(&draining);
    raw_send(half, "PRI * HT");
    int64_t start_ns = test_now_ns();
    service_signal(&draining, SIGTERM);
    assert_true(h2_ends(&idle, &error, PATIENCE_MS));
    assert_int_equal(error, H2_NO_ERROR);
    (void)close(half);
    assert_int_equal(service_wait(&draining, PATIENCE_MS), 0);
    assert_true(test_now_ns() - start_ns < 8000000000LL);
    h2_close(&idle);
}

/* Over the drain's time-out: 503, and no abort at the end. */
static void what_takes_too_long_is_told(void **state)
{
    struct service draining;
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    service_start(&draining, (const char *const[]){"--drain-timeout", "400ms", NULL});
    h2_open(&h2, &draining, false);
    h2_get(&h2, 1, "/hi?delay=10s", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    test_nap_ms(100);
    service_signal(&draining, SIGTERM);
    assert_true(h2_read_to(&h2, &frame, H2_DATA, 1, PATIENCE_MS));
    assert_non_null(memmem(frame.payload, frame.length, "drain_timeout", 13));
    assert_int_equal(service_wait(&draining, PATIENCE_MS), 0);
    h2_close(&h2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_is_finished),       cmocka_unit_test(late_ones_are_ignored),
        cmocka_unit_test(settings_come_first),         cmocka_unit_test(idle_ones_let_it_end),
        cmocka_unit_test(what_takes_too_long_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
