/*
 * Floods of frames over HTTP/2 (docs/threats.md): who sends them is told why and cut off, once what
 * runs is finished. What one stream does is in http2_neighbours_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2_attack.h"

/* ---- floods ---------------------------------------------------------------------------------- */

static void flood_pings(struct h2 *h2)
{
    for (int i = 0; i < 300; i++)
        h2_frame(h2, H2_PING, 0, 0, "12345678", 8);
}

static void flood_settings(struct h2 *h2)
{
    for (int i = 0; i < 50; i++)
        h2_setting(h2, 4, 65535);
}

static void flood_priorities(struct h2 *h2)
{
    static const uint8_t priority[5] = {0, 0, 0, 0, 15};
    h2_get(h2, 1, "/hi?delay=5s", H2_END_STREAM);
    for (int i = 0; i < 2000; i++)
        h2_frame(h2, H2_PRIORITY, 0, 1, priority, sizeof priority);
}

static void flood_empty_data(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=0", 0);
    for (int i = 0; i < 300; i++)
        h2_frame(h2, H2_DATA, 0, 1, NULL, 0);
}

static void flood_window_updates(struct h2 *h2)
{
    for (int i = 0; i < 30000; i++)
        h2_number(h2, H2_WINDOW_UPDATE, 0, 1);
}

static void flood_reset_frames(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=0", H2_END_STREAM);
    for (int i = 0; i < 30000; i++)
        h2_number(h2, H2_RST_STREAM, 1, 8);
}

static void flood_unknown_frames(struct h2 *h2)
{
    for (int i = 0; i < 300; i++)
        h2_frame(h2, (enum h2_type)(0x20 + i % 64), 0, 0, "junk", 4);
}

/* A connection error behind a flood: nothing is finished, and nothing waits for it. Where it comes
   in a packet of its own it is not read any more, and what runs is finished first. */
static void flood_with_a_fault(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=1s", H2_END_STREAM);
    flood_pings(h2);
    h2_frame(h2, H2_PUSH_PROMISE, H2_END_HEADERS, 1, "\0\0\0\2", 4);
}

/* ---- header blocks --------------------------------------------------------------------------- */

static void open_block(struct h2 *h2)
{
    uint8_t block[256];
    size_t length = h2_block(block, "GET", "/hi");
    h2_frame(h2, H2_HEADERS, 0, 1, block, length);
}

/* CVE-2024-27316 and its kin: frames that carry nothing, for ever. */
static void flood_continuations(struct h2 *h2)
{
    open_block(h2);
    for (int i = 0; i < 100; i++)
        h2_frame(h2, H2_CONTINUATION, 0, 1, NULL, 0);
}

/* ---- frames that are ignored ----------------------------------------------------------------- */

static void flood_padding(struct h2 *h2)
{
    static const uint8_t padding[256] = {255};
    h2_get(h2, 1, "/hi?delay=0", 0);
    for (int i = 0; i < 300; i++)
        h2_frame(h2, H2_DATA, H2_PADDED, 1, padding, sizeof padding);
}

/* Streams that awaitd has ended, so that its client may go on for a while. */
static void flood_ended_streams(struct h2 *h2)
{
    h2_ask(h2, 1, 0, "GET", "/hi?delay=0", "keep-alive", "yes");
    for (int i = 0; i < 3000; i++)
        h2_frame(h2, H2_DATA, 0, 1, "x", 1);
}

static void flood_heads_of_ended_streams(struct h2 *h2)
{
    h2_ask(h2, 1, 0, "GET", "/hi?delay=0", "keep-alive", "yes");
    for (int i = 0; i < 3000; i++)
        h2_get(h2, 1, "/hi", 0);
}

static const struct attack attacks[] = {
    {"pings", flood_pings, "pings"},
    {"settings", flood_settings, "settings"},
    {"priorities", flood_priorities, "priorities"},
    {"empty data", flood_empty_data, "empty_frames"},
    {"window updates", flood_window_updates, "window_updates"},
    {"reset frames", flood_reset_frames, "reset_frames"},
    {"unknown frames", flood_unknown_frames, "other_frames"},
    {"pings and a fault", flood_with_a_fault, "pings"},
    {"continuations", flood_continuations, "continuations"},
    {"padding", flood_padding, "empty_frames"},
    {"data of ended streams", flood_ended_streams, "stray_frames"},
    {"heads of ended streams", flood_heads_of_ended_streams, "stray_frames"},
};

static void each_flood(void **state)
{
    (void)state;
    attack_each(attacks, COUNT(attacks));
}

/* The client is told why, where there is a way. */
static void goodbye_has_a_reason(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    h2_open(&h2, &service, false);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    flood_pings(&h2);
    (void)h2_send(&h2);
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_int_equal(frame.payload[7], H2_ENHANCE_YOUR_CALM);
    assert_non_null(memmem(frame.payload, frame.length, "too many PING frames", 20));
    h2_close(&h2);
}

/* Who floods loses the connection, but what runs on it is finished. */
static void what_runs_is_finished(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    h2_open(&h2, &service, false);
    h2_get(&h2, 1, "/hi?delay=500ms", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    flood_pings(&h2);
    (void)h2_send(&h2);
    assert_true(h2_answered(&h2, 1, PATIENCE_MS));
    h2_close(&h2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flood),
        cmocka_unit_test(goodbye_has_a_reason),
        cmocka_unit_test(what_runs_is_finished),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
