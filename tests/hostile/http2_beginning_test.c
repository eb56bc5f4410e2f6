/*
 * Who is cut off for what came in the very first packet is told so in order: SETTINGS, which begin
 * a server's side of any connection (RFC 9113, section 3.4), and then GOAWAY.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/service_case.h"

#define PATIENCE_MS 10000

/* More than a header block may have, and in few bytes: one read takes them all. */
#define CONTINUATIONS 20

static void settings_come_before_goaway(void **state)
{
    (void)state;
    struct h2 h2;
    struct h2_frame frame;
    uint8_t block[64];
    h2_open(&h2, &service, false);
    h2_frame(&h2, H2_HEADERS, H2_END_STREAM, 1, block, h2_block(block, "GET", "/hi"));
    for (int i = 0; i < CONTINUATIONS; i++)
        h2_frame(&h2, H2_CONTINUATION, 0, 1, NULL, 0);
    assert_true(h2_send(&h2));
    assert_true(h2_read(&h2, &frame, PATIENCE_MS));
    assert_int_equal(frame.type, H2_SETTINGS);
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_int_equal(frame.payload[7], H2_ENHANCE_YOUR_CALM);
    h2_close(&h2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_come_before_goaway),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
