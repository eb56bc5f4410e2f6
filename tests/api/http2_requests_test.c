/*
 * Requests over HTTP/2 that are refused or malformed: each ends its own stream, with a status or
 * an error, and nothing else (RFC 9113, sections 8.1 and 8.3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/tls_service_case.h"

#define PATIENCE_MS 10000

static int start_service(void **state)
{
    (void)state;
    return start_tls_service_with((const char *const[]){"--max-body", "1KiB", NULL});
}

/* Larger than max_body: 413, and only then the client is told to send no more, without an error:
   REFUSED_STREAM would have it try again (section 8.1). */
static void a_large_body_is_told(void **state)
{
    struct h2 h2;
    char body[2048];
    (void)state;
    memset(body, 'x', sizeof body);
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        h2_open(&h2, &service, is_tls != 0);
        h2_ask(&h2, 1, 0, "POST", "/hi", NULL, NULL);
        h2_frame(&h2, H2_DATA, 0, 1, body, sizeof body);
        h2_ask(&h2, 3, 0, "POST", "/hi", "content-length", "1025");
        h2_ask(&h2, 5, 0, "POST", "/hi", NULL, NULL);
        h2_frame(&h2, H2_DATA, H2_END_STREAM, 5, body, 1024);
        assert_true(h2_send(&h2));
        h2_expect_text(&h2, 1, "max_body", PATIENCE_MS);
        h2_expect_text(&h2, 3, "\"status\": 413", PATIENCE_MS);
        h2_expect_text(&h2, 5, "\"status\": 405", PATIENCE_MS);
        assert_int_equal(h2_reset_code(&h2, 1, PATIENCE_MS), H2_NO_ERROR);
        h2_frame(&h2, H2_DATA, H2_END_STREAM, 1, body, sizeof body);
        h2_get(&h2, 7, "/hi?delay=0", H2_END_STREAM);
        assert_true(h2_send(&h2));
        assert_true(h2_answered(&h2, 7, PATIENCE_MS));
        h2_close(&h2);
    }
    metric_expect(&service, "http_requests_total{method=\"POST\",route=\"other\",code=\"413\"}", 4);
}

/* Expect (RFC 9110, section 10.1.1): 100, or the final status at once. */
static void expectations_are_met_or_not(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    h2_open(&h2, &service, false);
    h2_ask(&h2, 1, 0, "POST", "/hi", "expect", "100-continue");
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_HEADERS, 1, PATIENCE_MS));
    assert_int_equal(frame.flags, H2_END_HEADERS);
    assert_in_range(frame.length, 1, 5); /* it is :status alone */
    h2_frame(&h2, H2_DATA, H2_END_STREAM, 1, "x", 1);
    assert_true(h2_send(&h2));
    h2_expect_text(&h2, 1, "\"status\": 405", PATIENCE_MS);
    h2_ask(&h2, 3, 0, "POST", "/hi", "expect", "200-ok");
    assert_true(h2_send(&h2));
    h2_expect_text(&h2, 3, "\"status\": 417", PATIENCE_MS);
    h2_close(&h2);
}

/* A request that is malformed ends its stream, and nothing else (section 8.1.1). */
static void put_plain(uint8_t **at)
{
    *at += h2_block(*at, "GET", "/hi?delay=0");
}

static void with_too_few_bytes(struct h2 *h2)
{
    h2_ask(h2, 1, H2_END_STREAM, "GET", "/hi?delay=0", "content-length", "5");
}

static void with_too_many_bytes(struct h2 *h2)
{
    h2_ask(h2, 1, 0, "POST", "/hi?delay=0", "content-length", "1");
    h2_frame(h2, H2_DATA, H2_END_STREAM, 1, "xx", 2);
}

static void with_keep_alive(struct h2 *h2)
{
    h2_ask(h2, 1, H2_END_STREAM, "GET", "/hi?delay=0", "keep-alive", "timeout=5");
}

static void with_connection(struct h2 *h2)
{
    h2_ask(h2, 1, H2_END_STREAM, "GET", "/hi?delay=0", "connection", "close");
}

static void with_two_hosts(struct h2 *h2)
{
    h2_ask(h2, 1, H2_END_STREAM, "GET", "/hi?delay=0", "host", "other");
}

static void with_a_nameless_field(struct h2 *h2)
{
    h2_ask(h2, 1, H2_END_STREAM, "GET", "/hi?delay=0", "", "x");
}

static void with_a_bad_value(struct h2 *h2)
{
    h2_ask(h2, 1, H2_END_STREAM, "GET", "/hi?delay=0", "x", "a\nb");
}

static void with_upper_case(struct h2 *h2)
{
    h2_ask(h2, 1, H2_END_STREAM, "GET", "/hi?delay=0", "X-Name", "x");
}

static void with_a_late_pseudo_field(struct h2 *h2)
{
    uint8_t block[256];
    uint8_t *end = block;
    put_plain(&end);
    end = h2_field(h2_field(end, "x", "y"), ":path", "/");
    h2_frame(h2, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, block, (size_t)(end - block));
}

static void put_head(struct h2 *h2, const char *path, const char *authority)
{
    uint8_t block[256];
    uint8_t *end = h2_field(h2_field(block, ":method", "GET"), ":scheme", "http");
    end = h2_field(h2_field(end, ":path", path), ":authority", authority);
    h2_frame(h2, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, block, (size_t)(end - block));
}

static void with_userinfo(struct h2 *h2)
{
    put_head(h2, "/hi?delay=0", "user:word@test");
}

static void with_an_empty_path(struct h2 *h2)
{
    put_head(h2, "", "test");
}

static void (*const malformed[])(struct h2 *h2) = {
    with_too_few_bytes,       with_too_many_bytes,   with_keep_alive,   with_connection,
    with_two_hosts,           with_a_nameless_field, with_a_bad_value,  with_upper_case,
    with_a_late_pseudo_field, with_userinfo,         with_an_empty_path};

static void malformed_requests_end_their_stream(void **state)
{
    static const char sample[] = "awaitd_http2_streams_killed_total{cause=\"protocol_error\"}";
    const size_t count = COUNT(malformed);
    double before = metric_of(&service, sample);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct h2 h2;
        h2_open(&h2, &service, false);
        malformed[i](&h2);
        h2_get(&h2, 3, "/hi?delay=1ms", H2_END_STREAM);
        assert_true(h2_send(&h2));
        int code = h2_reset_code(&h2, 1, PATIENCE_MS);
        if (code != H2_PROTOCOL_ERROR)
            fail_msg("request %zu: %d", i, code);
        assert_true(h2_answered(&h2, 3, PATIENCE_MS));
        h2_close(&h2);
    }
    metric_expect(&service, sample, before + (double)count);
}

/* The same authority twice is one, and a Host alone will do (section 8.3.1). */
static void a_host_may_be_there_too(void **state)
{
    struct h2 h2;
    uint8_t block[256];
    (void)state;
    h2_open(&h2, &service, false);
    h2_ask(&h2, 1, H2_END_STREAM, "GET", "/hi?delay=0", "host", "TEST");
    uint8_t *end = h2_field(h2_field(block, ":method", "GET"), ":scheme", "http");
    end = h2_field(h2_field(end, ":path", "/hi?delay=1ms"), "host", "test");
    h2_frame(&h2, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 3, block, (size_t)(end - block));
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, 1, PATIENCE_MS));
    assert_true(h2_answered(&h2, 3, PATIENCE_MS));
    h2_close(&h2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_large_body_is_told),
        cmocka_unit_test(expectations_are_met_or_not),
        cmocka_unit_test(malformed_requests_end_their_stream),
        cmocka_unit_test(a_host_may_be_there_too),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
