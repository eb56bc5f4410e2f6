/*
 * What the gate lets through and what not: each limit from both sides, on a clock of our own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/guard/gate_frames.h"
#include "tests/support/count.h"
#include <stdlib.h>
#include <string.h>

#define SECOND_NS 1000000000LL

/* A client's bytes, gathered. */
struct bytes {
    uint8_t *all;
    size_t length;
    size_t room;
};

static void put(struct bytes *bytes, const void *more, size_t length)
{
    if (bytes->length + length > bytes->room) {
        bytes->room = 2 * (bytes->length + length);
        bytes->all = realloc(bytes->all, bytes->room);
        assert_non_null(bytes->all);
    }
    if (length > 0)
        memcpy(bytes->all + bytes->length, more, length);
    bytes->length += length;
}

static void put_frame(struct bytes *bytes, int type, int flags, uint8_t stream, const void *payload,
                      size_t length)
{
    uint8_t head[9] = {(uint8_t)(length >> 16),
                       (uint8_t)(length >> 8),
                       (uint8_t)length,
                       (uint8_t)type,
                       (uint8_t)flags,
                       0,
                       0,
                       0,
                       stream};
    put(bytes, head, sizeof head);
    put(bytes, payload, length);
}

static enum http2_reason check_at(struct gate_frames *frames, struct bytes *bytes, int64_t now_ns)
{
    enum http2_reason cause = gate_frames_check(frames, bytes->all, &bytes->length, false, now_ns);
    free(bytes->all);
    *bytes = (struct bytes){0};
    return cause;
}

static struct gate_frames past_preface(void)
{
    return (struct gate_frames){.is_past_preface = true};
}

/* ---- kinds by the second --------------------------------------------------------------------- */

static const struct {
    int type;
    int most;
    enum http2_reason cause;
} kinds[] = {
    {0, 100, HTTP2_EMPTY_FRAMES},     {2, 1000, HTTP2_PRIORITIES},   {3, 20000, HTTP2_RESET_FRAMES},
    {4, 20, HTTP2_SETTINGS},          {6, 200, HTTP2_PINGS},         {7, 100, HTTP2_OTHER_FRAMES},
    {8, 20000, HTTP2_WINDOW_UPDATES}, {99, 100, HTTP2_OTHER_FRAMES},
};

static void so_many_in_a_second(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct gate_frames frames = past_preface();
        struct bytes bytes = {0};
        int64_t now_ns = 5 * SECOND_NS;
        for (int second = 0; second < 3; second++, now_ns += SECOND_NS) {
            for (int j = 0; j < kinds[i].most; j++)
                put_frame(&bytes, kinds[i].type, 0, 1, NULL, 0);
            assert_int_equal(check_at(&frames, &bytes, now_ns), HTTP2_NONE);
        }
        put_frame(&bytes, kinds[i].type, 0, 1, NULL, 0);
        assert_int_equal(check_at(&frames, &bytes, now_ns - SECOND_NS + 1), kinds[i].cause);
    }
}

/* The end of a body may well be empty. */
static void empty_data_that_ends_a_stream(void **state)
{
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    (void)state;
    for (int i = 0; i < 1000; i++)
        put_frame(&bytes, 0, 0x01, 1, NULL, 0);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
}

/* ---- header blocks --------------------------------------------------------------------------- */

static void fields_of_a_block(void **state)
{
    uint8_t fields[BLOCK_MOST_FIELDS + 1];
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    (void)state;
    memset(fields, 0x82, sizeof fields);
    put_frame(&bytes, 1, 0x04, 1, fields, BLOCK_MOST_FIELDS);
    put_frame(&bytes, 1, 0x04, 3, fields, BLOCK_MOST_FIELDS);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
    put_frame(&bytes, 1, 0x00, 5, fields, BLOCK_MOST_FIELDS);
    put_frame(&bytes, 9, 0x04, 5, fields, 1);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_HEADER_FIELDS);
}

/* What pads a frame, and its priority, are no fields (RFC 9113, section 6.2). */
static void padding_is_not_counted(void **state)
{
    uint8_t payload[6 + 2 + 200] = {200, 0, 0, 0, 0, 15, 0x82, 0x86};
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    (void)state;
    memset(payload + 8, 0x82, 200);
    put_frame(&bytes, 1, 0x04 | 0x08 | 0x20, 1, payload, sizeof payload);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
    assert_int_equal(frames.block_fields.fields, 2);
    assert_int_equal(frames.block_bytes, 2);
    payload[0] = 255; /* more than there is: libh2o refuses that itself */
    put_frame(&bytes, 1, 0x04 | 0x08, 3, payload, 200);
    put_frame(&bytes, 1, 0x04 | 0x08, 5, NULL, 0);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
}

static void bytes_of_a_block(void **state)
{
    static uint8_t text[BLOCK_MOST_BYTES] = {0x00, 0x01, 'x', 0x7f, 0xff, 0xff, 0x7f};
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    (void)state;
    put_frame(&bytes, 1, 0x00, 1, text, BLOCK_MOST_BYTES);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
    put_frame(&bytes, 9, 0x00, 1, text, 1);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_HEADER_BYTES);
}

static void frames_of_a_block(void **state)
{
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    (void)state;
    put_frame(&bytes, 1, 0x00, 1, "\x82", 1);
    for (int i = 0; i < BLOCK_MOST_FRAMES; i++)
        put_frame(&bytes, 9, 0x00, 1, NULL, 0);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
    put_frame(&bytes, 9, 0x04, 1, NULL, 0);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_CONTINUATIONS);
}

static void continuation_while_closing(void **state)
{
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    (void)state;
    put_frame(&bytes, 9, 0x04, 1, NULL, 0);
    assert_int_equal(gate_frames_check(&frames, bytes.all, &bytes.length, true, 1),
                     HTTP2_CONTINUATION_IN_DRAIN);
    free(bytes.all);
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static void streams_are_counted_once(void **state)
{
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    (void)state;
    put_frame(&bytes, 1, 0x04, 1, "\x82", 1);
    put_frame(&bytes, 1, 0x05, 1, "\x82", 1); /* a trailer */
    put_frame(&bytes, 1, 0x05, 7, "\x82", 1);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
    assert_int_equal(frames.opened, 2);
}

static void the_preface_comes_first(void **state)
{
    struct gate_frames frames = {0};
    struct bytes bytes = {0};
    (void)state;
    put(&bytes, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r", 23);
    assert_int_equal(gate_frames_check(&frames, bytes.all, &bytes.length, false, 1), HTTP2_NONE);
    assert_false(frames.is_past_preface);
    put(&bytes, "\n", 1);
    put_frame(&bytes, 1, 0x05, 1, "\x82", 1);
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
    assert_true(frames.is_past_preface);
    assert_int_equal(frames.opened, 1);
}

/* It is looked at when it is whole, and once. */
static void half_a_frame_waits(void **state)
{
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    (void)state;
    put_frame(&bytes, 1, 0x05, 1, "\x82\x86", 2);
    for (size_t length = 0; length < bytes.length; length++) {
        size_t given = length;
        assert_int_equal(gate_frames_check(&frames, bytes.all, &given, false, 1), HTTP2_NONE);
        assert_int_equal(given, length);
        assert_int_equal(frames.opened, 0);
    }
    assert_int_equal(check_at(&frames, &bytes, 1), HTTP2_NONE);
    assert_int_equal(frames.opened, 1);
}

static void unknown_frames_are_taken_out(void **state)
{
    struct gate_frames frames = past_preface();
    struct bytes bytes = {0};
    struct bytes kept = {0};
    (void)state;
    put_frame(&bytes, 6, 0, 0, "12345678", 8);
    put_frame(&bytes, 0x10, 0, 0, "junk", 4);
    put_frame(&bytes, 0xff, 0, 0, NULL, 0);
    put_frame(&bytes, 4, 0, 0, NULL, 0);
    put(&bytes, "\0\0", 2);
    put_frame(&kept, 6, 0, 0, "12345678", 8);
    put_frame(&kept, 4, 0, 0, NULL, 0);
    put(&kept, "\0\0", 2);
    assert_int_equal(gate_frames_check(&frames, bytes.all, &bytes.length, false, 1), HTTP2_NONE);
    assert_int_equal(bytes.length, kept.length);
    assert_memory_equal(bytes.all, kept.all, kept.length);
    free(bytes.all);
    free(kept.all);
}

/* Any bytes at all, in any pieces: nothing is read or written where it may not be (ASan looks). */
static void random_bytes(void **state)
{
    uint64_t random = 88172645463325252ULL;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct gate_frames frames = past_preface();
        size_t length = (size_t)(random >> 20) % 200;
        uint8_t *bytes = malloc(length + 1);
        assert_non_null(bytes);
        for (size_t at = 0; at < length; at++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17; /* xorshift64 (Marsaglia 2003) */
            bytes[at] = (uint8_t)(at % 13 < 2 ? 0 : at % 13 == 3 ? random % 12 : random);
        }
        size_t left = length;
        enum http2_reason cause = gate_frames_check(&frames, bytes, &left, i % 2 == 0, i);
        assert_true(cause < HTTP2_REASONS && left <= length);
        free(bytes);
    }
}

static void every_cause_has_words(void **state)
{
    (void)state;
    for (int cause = HTTP2_NONE; cause < HTTP2_REASONS; cause++) {
        assert_non_null(http2_reasons[cause].name);
        assert_non_null(http2_reasons[cause].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_in_a_second),
        cmocka_unit_test(empty_data_that_ends_a_stream),
        cmocka_unit_test(fields_of_a_block),
        cmocka_unit_test(padding_is_not_counted),
        cmocka_unit_test(bytes_of_a_block),
        cmocka_unit_test(frames_of_a_block),
        cmocka_unit_test(continuation_while_closing),
        cmocka_unit_test(streams_are_counted_once),
        cmocka_unit_test(the_preface_comes_first),
        cmocka_unit_test(half_a_frame_waits),
        cmocka_unit_test(unknown_frames_are_taken_out),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(every_cause_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
