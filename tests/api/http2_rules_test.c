/*
 * What RFC 9113 asks of a server: what is acknowledged, ignored, kept to, and which faults end a
 * connection with which error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/tls_service_case.h"
#include "tests/support/wire.h"

#define PATIENCE_MS 10000

static int start_service(void **state)
{
    (void)state;
    return start_tls_service_with((const char *const[]){"--max-body", "1KiB", NULL});
}

static void pings_and_settings_are_acknowledged(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    h2_open(&h2, &service, false);
    h2_frame(&h2, H2_PING, 0, 0, "12345678", 8);
    assert_true(h2_send(&h2));
    assert_true(h2_read(&h2, &frame, PATIENCE_MS));
    assert_int_equal(frame.type, H2_SETTINGS);
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    assert_int_equal(frame.flags, H2_ACK);
    assert_true(h2_read_to(&h2, &frame, H2_PING, 0, PATIENCE_MS));
    assert_int_equal(frame.flags, H2_ACK);
    assert_memory_equal(frame.payload, "12345678", 8);
    h2_close(&h2);
}

/* Section 5.5. */
static void unknown_frames_are_ignored(void **state)
{
    struct h2 h2;
    (void)state;
    h2_open(&h2, &service, false);
    h2_frame(&h2, (enum h2_type)0x77, 0xff, 5, "junk", 4);
    h2_get(&h2, 1, "/hi?delay=0", H2_END_STREAM);
    h2_frame(&h2, (enum h2_type)0x10, 0, 0, NULL, 0);
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, 1, PATIENCE_MS));
    h2_close(&h2);
}

static void small_windows_are_kept_to(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    size_t got = 0;
    (void)state;
    h2_open(&h2, &service, true);
    h2_setting(&h2, 4, 10);
    h2_get(&h2, 1, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&h2));
    do {
        assert_true(h2_read_to(&h2, &frame, H2_DATA, 1, PATIENCE_MS));
        assert_in_range(frame.length, 0, 10);
        got += frame.length;
        h2_number(&h2, H2_WINDOW_UPDATE, 1, 10);
        assert_true(h2_send(&h2));
    } while ((frame.flags & H2_END_STREAM) == 0);
    assert_in_range(got, 60, 200);
    h2_close(&h2);
}

/* Each is a connection error of its kind; the process and other connections live on. */
static void bad_data(struct h2 *h2)
{
    h2_frame(h2, H2_DATA, 0, 0, "x", 1);
}

static void data_of_an_idle_stream(struct h2 *h2)
{
    h2_frame(h2, H2_DATA, 0, 9, "x", 1);
}

static void even_stream(struct h2 *h2)
{
    h2_get(h2, 2, "/hi", H2_END_STREAM);
}

static void frame_too_large(struct h2 *h2)
{
    h2_bytes(h2, "\x00\x40\x01\x00\x00\x00\x00\x00\x01", 9);
}

static void short_ping(struct h2 *h2)
{
    h2_frame(h2, H2_PING, 0, 0, "1234567", 7);
}

static void settings_of_a_stream(struct h2 *h2)
{
    h2_frame(h2, H2_SETTINGS, 0, 1, NULL, 0);
}

static void lone_continuation(struct h2 *h2)
{
    h2_frame(h2, H2_CONTINUATION, H2_END_HEADERS, 1, "\x82", 1);
}

static void interrupted_block(struct h2 *h2)
{
    h2_frame(h2, H2_HEADERS, 0, 1, "\x82", 1);
    h2_frame(h2, H2_PING, 0, 0, "12345678", 8);
}

static void bad_compression(struct h2 *h2)
{
    h2_frame(h2, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, 1, "\xff\xff\xff\xff\xff\xff", 6);
}

static void push_promise(struct h2 *h2)
{
    h2_frame(h2, H2_PUSH_PROMISE, H2_END_HEADERS, 1, "\0\0\0\2", 4);
}

static void too_much_padding(struct h2 *h2)
{
    h2_frame(h2, H2_HEADERS, H2_END_HEADERS | H2_PADDED, 1, "\x7f\x82", 2);
}

static void reset_of_an_idle_stream(struct h2 *h2)
{
    h2_number(h2, H2_RST_STREAM, 9, 8);
}

static void no_window_at_all(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=5s", H2_END_STREAM);
    h2_number(h2, H2_WINDOW_UPDATE, 1, 0);
}

static void data_behind_the_end(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=5s", H2_END_STREAM);
    h2_frame(h2, H2_DATA, 0, 1, "x", 1);
}

static void too_wide_a_window(struct h2 *h2)
{
    h2_number(h2, H2_WINDOW_UPDATE, 0, 0x7fffffff);
}

static void data_of_a_closed_stream(struct h2 *h2)
{
    struct h2_frame frame;
    h2_get(h2, 1, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(h2));
    assert_true(h2_read_to(h2, &frame, H2_DATA, 1, PATIENCE_MS));
    h2_frame(h2, H2_DATA, 0, 1, "x", 1);
}

static const struct {
    void (*fault)(struct h2 *h2);
    int error;
} faults[] = {
    {bad_data, H2_PROTOCOL_ERROR},
    {data_of_an_idle_stream, H2_PROTOCOL_ERROR},
    {even_stream, H2_PROTOCOL_ERROR},
    {frame_too_large, H2_FRAME_SIZE_ERROR},
    {short_ping, H2_FRAME_SIZE_ERROR},
    {settings_of_a_stream, H2_PROTOCOL_ERROR},
    {lone_continuation, H2_PROTOCOL_ERROR},
    {interrupted_block, H2_PROTOCOL_ERROR},
    {bad_compression, H2_COMPRESSION_ERROR},
    {push_promise, H2_PROTOCOL_ERROR},
    {too_much_padding, H2_PROTOCOL_ERROR},
    {reset_of_an_idle_stream, H2_PROTOCOL_ERROR},
    {no_window_at_all, H2_PROTOCOL_ERROR},
    {data_behind_the_end, H2_STREAM_CLOSED},
    {too_wide_a_window, H2_FLOW_CONTROL_ERROR},
    {data_of_a_closed_stream, H2_STREAM_CLOSED},
};

static const char *const causes[] = {
    [H2_PROTOCOL_ERROR] = "protocol_error",       [H2_FLOW_CONTROL_ERROR] = "flow_control_error",
    [H2_STREAM_CLOSED] = "stream_closed",         [H2_FRAME_SIZE_ERROR] = "frame_size_error",
    [H2_COMPRESSION_ERROR] = "compression_error",
};

static double count_ended(int error)
{
    char sample[128];
    (void)snprintf(sample, sizeof sample, "awaitd_http2_connections_killed_total{cause=\"%s\"}",
                   causes[error]);
    return metric_of(&service, sample);
}

/* Each is counted by its kind. */
static void faults_are_connection_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(faults); i++) {
        struct h2 h2;
        struct h2_frame frame;
        int error = -1;
        h2_open(&h2, &service, i % 2 == 1);
        assert_true(h2_send(&h2));
        assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
        double before = count_ended(faults[i / 2].error);
        faults[i / 2].fault(&h2);
        (void)h2_send(&h2);
        assert_true(h2_ends(&h2, &error, PATIENCE_MS));
        if (error != faults[i / 2].error)
            fail_msg("fault %zu: %d", i / 2, error);
        assert_true(count_ended(error) == before + 1);
        h2_close(&h2);
    }
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
}

/* ---- requests that are refused --------------------------------------------------------------- */

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
    metric_expect(&service, "http_requests_total{method=\"other\",route=\"other\",code=\"413\"}",
                  4);
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

/* ---- header compression ---------------------------------------------------------------------- */

/* A client that keeps no table is sent nothing that needs one (RFC 7541, section 4.2): answers'
   blocks begin with the change of size, and each is the same as the last but for its values. */
static void a_small_table_is_obeyed(void **state)
{
    static const uint32_t sizes[] = {0, 1024};
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct h2 h2;
        struct h2_frame frame;
        h2_open(&h2, &service, false);
        h2_setting(&h2, 1, sizes[i]);
        h2_get(&h2, 1, "/hi?delay=0", H2_END_STREAM);
        assert_true(h2_send(&h2));
        assert_true(h2_read_to(&h2, &frame, H2_HEADERS, 1, PATIENCE_MS));
        assert_int_equal(frame.payload[0] & 0xe0, 0x20); /* section 6.3 */
        assert_int_equal(frame.payload[0], sizes[i] == 0 ? 0x20 : 0x3f);
        h2_close(&h2);
    }
}

/* Many clients never tell that they heard of a smaller table (RFC 7541, section 4.2), so awaitd
   asks for none: not even who has acknowledged its SETTINGS has anything to say. */
static void a_client_may_keep_its_table(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    h2_open(&h2, &service, false);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    h2_frame(&h2, H2_SETTINGS, H2_ACK, 0, NULL, 0);
    for (uint32_t stream = 1; stream <= 5; stream += 2) {
        h2_get(&h2, stream, "/hi?delay=0", H2_END_STREAM);
        assert_true(h2_send(&h2));
        assert_true(h2_answered(&h2, stream, PATIENCE_MS));
    }
    h2_close(&h2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pings_and_settings_are_acknowledged),
        cmocka_unit_test(unknown_frames_are_ignored),
        cmocka_unit_test(small_windows_are_kept_to),
        cmocka_unit_test(faults_are_connection_errors),
        cmocka_unit_test(a_large_body_is_told),
        cmocka_unit_test(expectations_are_met_or_not),
        cmocka_unit_test(malformed_requests_end_their_stream),
        cmocka_unit_test(a_host_may_be_there_too),
        cmocka_unit_test(a_small_table_is_obeyed),
        cmocka_unit_test(a_client_may_keep_its_table),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
