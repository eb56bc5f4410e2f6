/*
 * What one stream of HTTP/2 does ends that stream, and not its neighbours' (RFC 9113,
 * section 5.4.2; docs/threats.md): a proxy shares its connection among strangers. Bombs of fields
 * too: what they may hold of the memory is bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/tight_service_case.h"
#include "tests/support/wire.h"

#define PATIENCE_MS 10000

/* A neighbour that runs for longer than any time-out of the service. */
static void ask_as_neighbour(struct h2 *h2)
{
    h2_get(h2, 101, "/hi?delay=3s", H2_END_STREAM);
}

static void expect_neighbour(struct h2 *h2)
{
    assert_true(h2_answered(h2, 101, PATIENCE_MS));
    h2_close(h2);
}

/* ---- slowness -------------------------------------------------------------------------------- */

/* A POST whose body never comes is told 408, and then to send no more. */
static void a_slow_request(void **state)
{
    static const char sample[] = "awaitd_http2_streams_killed_total{cause=\"slow_request\"}";
    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        struct h2 h2;
        double before = metric_of(&service, sample);
        h2_open(&h2, &service, is_tls != 0);
        h2_ask(&h2, 1, 0, "POST", "/hi", NULL, NULL);
        ask_as_neighbour(&h2);
        assert_true(h2_send(&h2));
        h2_expect_text(&h2, 1, "\"status\": 408", PATIENCE_MS);
        assert_int_equal(h2_reset_code(&h2, 1, PATIENCE_MS), H2_NO_ERROR);
        metric_expect(&service, sample, before + 1);
        expect_neighbour(&h2);
    }
}

/* A client that lets nothing out of one answer, while others come. */
static void a_shut_window(void **state)
{
    static const char sample[] = "awaitd_http2_streams_killed_total{cause=\"stalled\"}";
    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        struct h2 h2;
        struct h2_frame frame;
        double before = metric_of(&service, sample);
        h2_open(&h2, &service, is_tls != 0);
        h2_setting(&h2, 4, 0);
        h2_get(&h2, 1, "/parallel?delay=0", H2_END_STREAM);
        h2_get(&h2, 3, "/parallel?delay=0", H2_END_STREAM);
        ask_as_neighbour(&h2);
        assert_true(h2_send(&h2));
        assert_true(h2_read_to(&h2, &frame, H2_HEADERS, 3, PATIENCE_MS));
        h2_number(&h2, H2_WINDOW_UPDATE, 3, 1000);
        h2_number(&h2, H2_WINDOW_UPDATE, 101, 1000);
        assert_true(h2_send(&h2));
        assert_true(h2_answered(&h2, 3, PATIENCE_MS));
        assert_int_equal(h2_reset_code(&h2, 1, PATIENCE_MS), H2_CANCEL);
        metric_expect(&service, sample, before + 1);
        expect_neighbour(&h2);
    }
}

/* ---- large heads ----------------------------------------------------------------------------- */

static void put_block(struct h2 *h2, uint32_t stream, const uint8_t *block, size_t length)
{
    h2_frame(h2, H2_HEADERS, H2_END_HEADERS | H2_END_STREAM, stream, block, length);
}

/* One byte, "accept-encoding: gzip, deflate" of the static table, is a field. */
static void bomb_of_fields(struct h2 *h2)
{
    uint8_t block[4256];
    size_t length = h2_block(block, "GET", "/hi");
    memset(block + length, 0x90, 4000);
    put_block(h2, 1, block, length + 4000);
}

static void bomb_of_bytes(struct h2 *h2)
{
    char value[16300];
    memset(value, 'x', sizeof value);
    value[sizeof value - 1] = '\0';
    h2_ask(h2, 1, H2_END_STREAM, "GET", "/hi", "x", value);
}

static void too_many_fields(struct h2 *h2)
{
    uint8_t block[512];
    size_t length = h2_block(block, "GET", "/hi");
    memset(block + length, 0x90, 100);
    put_block(h2, 1, block, length + 100);
}

static void (*const large[])(struct h2 *h2) = {bomb_of_fields, bomb_of_bytes, too_many_fields};

static void a_large_head(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(large); i++) {
        struct h2 h2;
        h2_open(&h2, &service, i % 2 == 1);
        large[i / 2](&h2);
        h2_get(&h2, 3, "/hi?delay=10ms", H2_END_STREAM);
        assert_true(h2_send(&h2));
        h2_expect_text(&h2, 1, "\"status\": 431", PATIENCE_MS);
        assert_true(h2_answered(&h2, 3, PATIENCE_MS));
        h2_close(&h2);
    }
}

static void ask_path(struct h2 *h2, uint32_t stream, const char *unit, size_t bytes)
{
    static char path[16384];
    static uint8_t block[16384];
    uint8_t *at = block;
    *at++ = 0x82; /* GET */
    *at++ = 0x86; /* http */
    (void)strcpy(path, "/");
    for (size_t i = 1; i + strlen(unit) <= bytes; i += strlen(unit))
        (void)strcpy(path + i, unit);
    at = h2_field(h2_field(at, ":path", path), ":authority", "x");
    put_block(h2, stream, block, (size_t)(at - block));
}

/* The same as over HTTP/1 (large_heads_test.c), before libh2o decodes it. */
static void a_long_path(void **state)
{
    static const char *const units[] = {"a", "%41", "/..", "%2e"};
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(units); i++) {
        struct h2 h2;
        h2_open(&h2, &service, i % 2 == 1);
        ask_path(&h2, 1, units[i / 2], 1100);
        ask_path(&h2, 3, units[i / 2], 16000);
        ask_path(&h2, 5, "a", 1024);
        assert_true(h2_send(&h2));
        h2_expect_text(&h2, 1, "\"status\": 414", PATIENCE_MS);
        h2_expect_text(&h2, 3, "1024 bytes", PATIENCE_MS);
        h2_expect_text(&h2, 5, "\"status\": 404", PATIENCE_MS);
        h2_close(&h2);
    }
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* A field of 4,000 bytes goes into HPACK's table once, and is then asked for by one byte: streams
   that wait for their bodies hold what they may, and no more. */
static void expect_bounded(const char *name, size_t value_bytes, int times, int most_mib)
{
    static struct h2 h2[4];
    static char value[4096];
    static uint8_t block[16384];
    int64_t before = service_resident_bytes(&service);
    memset(value, '1', value_bytes);
    value[value_bytes] = '\0';
    for (size_t i = 0; i < COUNT(h2); i++) {
        h2_open(&h2[i], &service, false);
        for (uint32_t stream = 1; stream < 200; stream += 2) {
            uint8_t *end = block + h2_block(block, "POST", "/hi");
            if (stream == 1) {
                uint8_t *field = end;
                end = h2_field(end, name, value);
                *field = 0x40; /* into the table */
            }
            memset(end, 0xbe, (size_t)times); /* the table's latest */
            end += times;
            h2_frame(&h2[i], H2_HEADERS, H2_END_HEADERS, stream, block, (size_t)(end - block));
        }
        (void)h2_send(&h2[i]);
    }
    test_nap_ms(300);
    int64_t grown = service_resident_bytes(&service) - before;
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    assert_true(grown < most_mib * 1024LL * 1024);
    for (size_t i = 0; i < COUNT(h2); i++)
        h2_close(&h2[i]);
}

static void bombs_are_bounded(void **state)
{
    (void)state;
    expect_bounded("accept", 4000, 59, TIMES(40, 320));
    expect_bounded("x", 10, 8000, TIMES(40, 320));
    expect_bounded("cache-digest", 146, 240, TIMES(40, 320)); /* decoded, each is megabytes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_request),    cmocka_unit_test(a_shut_window),
        cmocka_unit_test(a_large_head),      cmocka_unit_test(a_long_path),
        cmocka_unit_test(bombs_are_bounded),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
