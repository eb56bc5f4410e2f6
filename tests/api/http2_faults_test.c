/*
 * Faults that end an HTTP/2 connection, each with its error (RFC 9113, section 5.4.1) and counted
 * by its kind; the process and other connections live on.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_connection_errors),
    };
    return cmocka_run_group_tests(tests, start_tls_service, stop_tls_service);
}
