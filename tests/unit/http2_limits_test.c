/*
 * Floods over HTTP/2 by the heads of their frames, however these are cut by the network.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/http2/limits.h"
#include "tests/support/count.h"
#include <string.h>

#define SECOND_NS INT64_C(1000000000)

static size_t add_frame(uint8_t *at, uint8_t type, uint8_t flags, uint8_t length)
{
    memset(at, 0, FRAME_HEAD_BYTES + length);
    at[2] = length;
    at[3] = type;
    at[4] = flags;
    return FRAME_HEAD_BYTES + length;
}

static void begin(struct limits *limits)
{
    uint8_t preface[PREFACE_BYTES] = {0};
    limits_init(limits, 1);
    assert_int_equal(limits_walk(limits, preface, sizeof preface, 1), HTTP2_NONE);
    assert_int_equal(limits->since_ns, 0);
}

/* ---- floods ---------------------------------------------------------------------------------- */

static const struct {
    uint8_t type;
    uint8_t length;
    int most; /* in a second */
    enum http2_reason cause;
} rows[] = {
    {2, 5, 1000, HTTP2_PRIORITIES},      {3, 4, 20000, HTTP2_RESET_FRAMES},
    {4, 6, 20, HTTP2_SETTINGS},          {6, 8, 200, HTTP2_PINGS},
    {8, 4, 20000, HTTP2_WINDOW_UPDATES}, {77, 3, 100, HTTP2_OTHER_FRAMES},
};

static void one_too_many_in_a_second(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct limits limits;
        uint8_t frame[32];
        size_t bytes = add_frame(frame, rows[i].type, 0, rows[i].length);
        begin(&limits);
        for (int second = 1; second < 4; second++)
            for (int n = 0; n < rows[i].most; n++)
                assert_int_equal(limits_walk(&limits, frame, bytes, second * SECOND_NS),
                                 HTTP2_NONE);
        assert_int_equal(limits_walk(&limits, frame, bytes, 3 * SECOND_NS), rows[i].cause);
    }
}

/* Byte by byte, and all at once. */
static void heads_are_found_however_cut(void **state)
{
    uint8_t bytes[4096];
    size_t length = 0;
    (void)state;
    for (int i = 0; i < 21; i++) {
        length += add_frame(bytes + length, 0, 0, (uint8_t)(7 * i));
        length += add_frame(bytes + length, 4, 0, 0);
    }
    for (int step = 1; step < 40; step++) {
        struct limits limits;
        enum http2_reason verdict = HTTP2_NONE;
        begin(&limits);
        for (size_t at = 0; at < length; at += (size_t)step) {
            size_t rest = length - at;
            assert_int_equal(verdict, HTTP2_NONE);
            verdict =
                limits_walk(&limits, bytes + at, rest < (size_t)step ? rest : (size_t)step, 1);
        }
        assert_int_equal(verdict, HTTP2_SETTINGS);
        assert_int_equal(limits.come, 21);
    }
}

/* ---- what is amid ---------------------------------------------------------------------------- */

static void half_a_frame_is_timed(void **state)
{
    struct limits limits;
    uint8_t frame[64];
    size_t bytes = add_frame(frame, 1, 0, 20);
    (void)state;
    begin(&limits);
    (void)limits_walk(&limits, frame, 4, 5);
    assert_int_equal(limits.since_ns, 5);
    (void)limits_walk(&limits, frame + 4, bytes - 4, 6);
    assert_int_equal(limits.since_ns, 5); /* the block goes on */
    bytes = add_frame(frame, 9, 4, 2);
    (void)limits_walk(&limits, frame, bytes, 7);
    assert_int_equal(limits.since_ns, 0);
}

/* ---- what nghttp2 does not tell -------------------------------------------------------------- */

static void strays_are_what_is_not_told(void **state)
{
    struct limits limits;
    uint8_t frame[64];
    size_t bytes = add_frame(frame, 0, 0, 10);
    (void)state;
    begin(&limits);
    (void)limits_walk(&limits, frame, bytes, 1);
    limits.told++;
    assert_false(limits_has_strays(&limits));
    (void)limits_walk(&limits, frame, bytes - 1, 1);
    assert_false(limits_has_strays(&limits));
    (void)limits_walk(&limits, frame + bytes - 1, 1, 1);
    assert_true(limits_has_strays(&limits));
    assert_int_equal(limits_count_strays(&limits, 1), HTTP2_NONE);
    assert_false(limits_has_strays(&limits));
    for (int i = 0; i < 999; i++)
        (void)limits_walk(&limits, frame, bytes, 1);
    assert_int_equal(limits_count_strays(&limits, 1), HTTP2_NONE);
    (void)limits_walk(&limits, frame, bytes, 1);
    assert_int_equal(limits_count_strays(&limits, 1), HTTP2_STRAY_FRAMES);
}

static void abandoned_streams_are_counted_in_ten_seconds(void **state)
{
    struct limits limits;
    (void)state;
    begin(&limits);
    limits.abandoned = 5;
    assert_false(limits_has_abandoned(&limits, 5, 10 * SECOND_NS));
    limits.abandoned = 6;
    assert_true(limits_has_abandoned(&limits, 5, 10 * SECOND_NS + 1));
    assert_false(limits_has_abandoned(&limits, 6, 11 * SECOND_NS));
    limits.abandoned = 11;
    assert_false(limits_has_abandoned(&limits, 6, 20 * SECOND_NS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_too_many_in_a_second),
        cmocka_unit_test(heads_are_found_however_cut),
        cmocka_unit_test(half_a_frame_is_timed),
        cmocka_unit_test(strays_are_what_is_not_told),
        cmocka_unit_test(abandoned_streams_are_counted_in_ten_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
