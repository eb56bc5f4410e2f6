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

/* Section 5.5; libh2o alone would write a line on stderr for each. */
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

static const struct {
    void (*fault)(struct h2 *h2);
    int error;
} faults[] = {
    {bad_data, H2_PROTOCOL_ERROR},           {data_of_an_idle_stream, H2_PROTOCOL_ERROR},
    {even_stream, H2_PROTOCOL_ERROR},        {frame_too_large, H2_FRAME_SIZE_ERROR},
    {short_ping, H2_FRAME_SIZE_ERROR},       {settings_of_a_stream, H2_PROTOCOL_ERROR},
    {lone_continuation, H2_PROTOCOL_ERROR},  {interrupted_block, H2_PROTOCOL_ERROR},
    {bad_compression, H2_COMPRESSION_ERROR}, {push_promise, H2_PROTOCOL_ERROR},
    {too_much_padding, H2_PROTOCOL_ERROR},   {reset_of_an_idle_stream, H2_PROTOCOL_ERROR},
};

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
        faults[i / 2].fault(&h2);
        (void)h2_send(&h2);
        assert_true(h2_ends(&h2, &error, PATIENCE_MS));
        if (error != faults[i / 2].error)
            fail_msg("fault %zu: %d", i / 2, error);
        h2_close(&h2);
    }
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
}

/* Larger than max_body: libh2o resets the stream, and there is no 413. */
static void a_large_body_is_refused(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    char body[2048];
    uint8_t block[256];
    (void)state;
    memset(body, 'x', sizeof body);
    h2_open(&h2, &service, false);
    size_t length = h2_block(block, "POST", "/hi");
    h2_frame(&h2, H2_HEADERS, H2_END_HEADERS, 1, block, length);
    h2_frame(&h2, H2_DATA, H2_END_STREAM, 1, body, sizeof body);
    h2_frame(&h2, H2_HEADERS, H2_END_HEADERS, 3, block, length);
    h2_frame(&h2, H2_DATA, H2_END_STREAM, 3, body, 1000);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_RST_STREAM, 1, PATIENCE_MS));
    assert_int_equal(frame.payload[3], H2_REFUSED_STREAM);
    assert_true(h2_answered(&h2, 3, PATIENCE_MS));
    h2_close(&h2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pings_and_settings_are_acknowledged),
        cmocka_unit_test(unknown_frames_are_ignored),
        cmocka_unit_test(small_windows_are_kept_to),
        cmocka_unit_test(faults_are_connection_errors),
        cmocka_unit_test(a_large_body_is_refused),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
