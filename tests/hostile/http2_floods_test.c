/*
 * Floods of frames and of header blocks over HTTP/2 (docs/threats.md): who sends them is cut off
 * and told why, and what they may hold of the memory is bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2_attack.h"
#include "tests/support/scale.h"

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

/* One byte, ":status: 500" of the static table, costs libh2o a field. */
static void bomb_of_fields(struct h2 *h2)
{
    uint8_t fields[4000];
    memset(fields, 0x8e, sizeof fields);
    open_block(h2);
    h2_frame(h2, H2_CONTINUATION, H2_END_HEADERS, 1, fields, sizeof fields);
}

static void bomb_of_bytes(struct h2 *h2)
{
    static uint8_t block[16384];
    size_t length = h2_block(block, "GET", "/hi");
    block[length++] = 0x00;
    block[length++] = 0x01;
    block[length++] = 'x';
    block[length++] = 0x7f; /* a value of 127 + 20,000 bytes */
    block[length++] = (uint8_t)(0x80 | (20000 & 0x7f));
    block[length++] = (uint8_t)(0x80 | (20000 >> 7 & 0x7f));
    block[length++] = 20000 >> 14;
    memset(block + length, 'x', sizeof block - length);
    h2_frame(h2, H2_HEADERS, 0, 1, block, sizeof block);
    h2_frame(h2, H2_CONTINUATION, 0, 1, block + length, 8000);
}

static const struct attack attacks[] = {
    {"pings", flood_pings, "pings"},
    {"settings", flood_settings, "settings"},
    {"priorities", flood_priorities, "priorities"},
    {"empty data", flood_empty_data, "empty_frames"},
    {"window updates", flood_window_updates, "window_updates"},
    {"reset frames", flood_reset_frames, "reset_frames"},
    {"unknown frames", flood_unknown_frames, "other_frames"},
    {"continuations", flood_continuations, "continuations"},
    {"fields", bomb_of_fields, "header_fields"},
    {"bytes", bomb_of_bytes, "header_bytes"},
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

/* ---- memory ---------------------------------------------------------------------------------- */

/* As many bytes of header blocks as the gate lets through, held on every stream of 20 connections:
   without it these would be gigabytes. */
static void memory_is_bounded(void **state)
{
    struct h2 h2[20];
    uint8_t fields[250];
    int64_t before = service_resident_bytes(&service);
    (void)state;
    for (size_t i = 0; i < COUNT(h2); i++) {
        h2_open(&h2[i], &service, false);
        for (uint32_t stream = 1; stream < 200; stream += 2) {
            uint8_t block[512];
            size_t length = h2_block(block, "GET", "/hi");
            memset(fields, 0x8e, sizeof fields);
            memcpy(block + length, fields, sizeof fields - 4);
            h2_frame(&h2[i], H2_HEADERS, H2_END_HEADERS, stream, block, length + sizeof fields - 4);
        }
        (void)h2_send(&h2[i]);
    }
    test_nap_ms(200);
    int64_t grown = service_resident_bytes(&service) - before;
    assert_true(grown < TIMES(128, 1024) * 1024LL * 1024);
    for (size_t i = 0; i < COUNT(h2); i++)
        h2_close(&h2[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flood),
        cmocka_unit_test(goodbye_has_a_reason),
        cmocka_unit_test(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
