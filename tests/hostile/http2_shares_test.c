/*
 * What one HTTP/2 connection may keep of what all share, also before its requests are handled and
 * after their answers are made: it has its share, others get in meanwhile, and all of it is given
 * back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/wire.h"
#include <string.h>
#include <sys/socket.h>

#define SOON_MS    10000
#define STREAMS    100
#define HELD       "4MiB"
#define HELD_BYTES 4194304.0
#define LARGE      "/parallel?count=1000&delay=0&timeline=true"
#define REFUSED    "awaitd_http2_streams_killed_total{cause=\"max_held\"}"
#define REJECTED   "awaitd_requests_rejected_total{reason=\"max_held\"}"
#define STALLED    "awaitd_http2_streams_killed_total{cause=\"stalled\"}"

static uint32_t id_of(int i)
{
    return 2 * (uint32_t)i + 1;
}

static void start(struct service *service, const char *write_timeout)
{
    service_start(service, (const char *const[]){"--max-held", HELD, "--write-timeout",
                                                 write_timeout, "--request-timeout", "1m", NULL});
}

/* ---- one connection's worst ------------------------------------------------------------------ */

static void sequences(struct h2 *h2)
{
    for (int i = 0; i < STREAMS; i++)
        h2_get(h2, id_of(i), "/sequence?count=1000&delay=60ms&timeline=true", H2_END_STREAM);
}

static void answers_that_nobody_takes(struct h2 *h2)
{
    h2_setting(h2, 4, 0);
    for (int i = 0; i < STREAMS; i++)
        h2_get(h2, id_of(i), LARGE, H2_END_STREAM);
}

static void large_heads(struct h2 *h2)
{
    static char value[12000];
    memset(value, 'a', sizeof value - 1);
    for (int i = 0; i < STREAMS; i++)
        h2_ask(h2, id_of(i), 0, "POST", "/hi", "x", value);
}

static void half_bodies(struct h2 *h2)
{
    static const uint8_t bytes[600];
    for (int i = 0; i < STREAMS; i++) {
        h2_ask(h2, id_of(i), 0, "POST", "/hi", NULL, NULL);
        h2_frame(h2, H2_DATA, 0, id_of(i), bytes, sizeof bytes);
    }
}

static const struct worst {
    void (*gather)(struct h2 *h2);
    const char *counted; /* what the last of its streams are told; NULL: all fit in */
} worsts[] = {
    {sequences, REJECTED},
    {answers_that_nobody_takes, REJECTED},
    {large_heads, REJECTED},
    {half_bodies, NULL},
};

static bool is_held(void *context)
{
    return metric_of(context, "awaitd_held_bytes") > HELD_BYTES / 8;
}

static void expect_others_served(const struct service *service)
{
    struct h2 other;
    assert_int_equal(wire_ask_status(service, LARGE), 200);
    h2_open(&other, service, false);
    h2_setting(&other, 4, 1 << 24);
    h2_number(&other, H2_WINDOW_UPDATE, 0, 1 << 24);
    h2_get(&other, 1, LARGE, H2_END_STREAM);
    h2_get(&other, 3, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&other));
    assert_true(h2_answered(&other, 3, SOON_MS));
    h2_close(&other);
}

static void others_get_in(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(worsts); i++) {
        struct service service;
        struct h2 h2;
        start(&service, "1m");
        h2_open(&h2, &service, false);
        worsts[i].gather(&h2);
        assert_true(h2_send(&h2));
        struct metric_hope hope = {&service, worsts[i].counted, 1, true};
        if (worsts[i].counted != NULL)
            test_eventually(metric_is, &hope, SOON_MS, worsts[i].counted);
        test_eventually(is_held, &service, SOON_MS, "held");
        assert_true(metric_of(&service, "awaitd_held_bytes") <= HELD_BYTES / 2);
        expect_others_served(&service);
        metric_expect(&service, "http_connections", 2); /* and it was not cut off */
        h2_close(&h2);
        metric_expect(&service, "awaitd_held_bytes", 0);
        service_stop(&service);
    }
}

/* Of 1 MiB half, at 8 KiB each, and one that is in the connection's price. */
#define FITTING 65

/* Refused, each by itself: its neighbours go on, and what it is told says that it may try again. */
static void a_stream_too_many_may_come_again(void **state)
{
    struct service service;
    struct h2 h2;
    (void)state;
    service_start(&service, (const char *const[]){"--max-held", "1MiB", NULL});
    h2_open(&h2, &service, false);
    for (int i = 0; i < STREAMS; i++)
        h2_ask(&h2, id_of(i), 0, "POST", "/hi?delay=0", NULL, NULL);
    assert_true(h2_send(&h2));
    assert_int_equal(h2_reset_code(&h2, id_of(STREAMS - 1), SOON_MS), H2_REFUSED_STREAM);
    metric_expect(&service, REFUSED, STREAMS - FITTING);
    for (int i = 0; i < FITTING; i++)
        h2_frame(&h2, H2_DATA, H2_END_STREAM, id_of(i), "", 0);
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, id_of(FITTING - 1), SOON_MS));
    metric_expect(&service, "awaitd_held_bytes", 0);
    h2_get(&h2, id_of(STREAMS), "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, id_of(STREAMS), SOON_MS));
    h2_close(&h2);
    metric_expect(&service, "awaitd_held_bytes", 0);
    service_stop(&service);
}

/* ---- 1 kB/s ---------------------------------------------------------------------------------- */

static void open_windows(struct h2 *h2, uint32_t stream, uint32_t bytes)
{
    h2_number(h2, H2_WINDOW_UPDATE, stream, bytes);
    (void)h2_send(h2);
}

/* A window that opens by a byte now and then: the stream's, or the connection's. */
static void expect_stalled(bool is_of_connection)
{
    struct service service;
    struct h2 h2;
    struct metric_hope hope = {&service, STALLED, 1, true};
    start(&service, "1s");
    h2_open(&h2, &service, false);
    h2_setting(&h2, 4, is_of_connection ? 1 << 20 : 0);
    h2_get(&h2, 1, LARGE, H2_END_STREAM);
    h2_get(&h2, 3, LARGE, H2_END_STREAM);
    assert_true(h2_send(&h2));
    int64_t start_ns = test_now_ns();
    while (!metric_is(&hope)) {
        assert_true(test_now_ns() - start_ns < 60 * 1000000000LL);
        open_windows(&h2, is_of_connection ? 0 : 1, 1);
        test_nap_ms(100);
    }
    h2_close(&h2);
    metric_expect(&service, "awaitd_held_bytes", 0);
    service_stop(&service);
}

static void a_trickle_is_not_taking(void **state)
{
    (void)state;
    expect_stalled(false);
    expect_stalled(true);
}

/* The windows are wide, but the bytes are not read: the connection is at fault. */
static void nor_is_one_of_the_connection(void **state)
{
    static const char cut[] = "awaitd_connections_cut_total{reason=\"write_timeout\"}";
    struct service service;
    struct h2 h2;
    struct metric_hope hope = {&service, cut, 1, true};
    char byte;
    (void)state;
    start(&service, "1s");
    h2_open(&h2, &service, false);
    h2_setting(&h2, 4, 1 << 24);
    h2_number(&h2, H2_WINDOW_UPDATE, 0, 1 << 24);
    for (int i = 0; i < STREAMS; i++)
        h2_get(&h2, id_of(i), "/sequence?count=1000&delay=0&timeline=true", H2_END_STREAM);
    assert_true(h2_send(&h2));
    int64_t start_ns = test_now_ns();
    while (!metric_is(&hope)) {
        assert_true(test_now_ns() - start_ns < 60 * 1000000000LL);
        (void)recv(h2.fd, &byte, 1, MSG_DONTWAIT);
        test_nap_ms(50);
    }
    h2_close(&h2);
    metric_expect(&service, "awaitd_held_bytes", 0);
    service_stop(&service);
}

/* Four large answers through the connection's window, by 5 kB each 20 ms: those that wait for
   the others, longer than write_timeout, are not to blame. */
static void who_waits_for_others_is_not_blamed(void **state)
{
    struct service service;
    struct h2 h2;
    struct h2_frame frame;
    int whole = 0;
    (void)state;
    start(&service, "1s");
    h2_open(&h2, &service, false);
    h2_setting(&h2, 4, 1 << 20);
    for (int i = 0; i < 4; i++)
        h2_get(&h2, id_of(i), LARGE, H2_END_STREAM);
    assert_true(h2_send(&h2));
    while (whole < 4) {
        test_nap_ms(5);
        open_windows(&h2, 0, 5000);
        while (whole < 4 && h2_read(&h2, &frame, 15)) {
            if (frame.type == H2_RST_STREAM)
                fail_msg("%u was reset: %d, %d", frame.stream, frame.payload[3], whole);
            whole +=
                frame.stream != 0 && (frame.flags & H2_END_STREAM) != 0 && frame.type == H2_DATA;
        }
    }
    h2_close(&h2);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_get_in),
        cmocka_unit_test(a_stream_too_many_may_come_again),
        cmocka_unit_test(a_trickle_is_not_taking),
        cmocka_unit_test(nor_is_one_of_the_connection),
        cmocka_unit_test(who_waits_for_others_is_not_blamed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
