/*
 * What RFC 9113 and 7541 ask of a server: what is acknowledged, ignored and kept to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/tls_service_case.h"

#define PATIENCE_MS 10000

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
        cmocka_unit_test(a_small_table_is_obeyed),
        cmocka_unit_test(a_client_may_keep_its_table),
    };
    return cmocka_run_group_tests(tests, start_tls_service, stop_tls_service);
}
