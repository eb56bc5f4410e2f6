/*
 * Streams of HTTP/2 that come to nothing or never get done (docs/threats.md): reset, refused,
 * stalled or never whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2_attack.h"

/* ---- streams that come to nothing ------------------------------------------------------------ */

/* CVE-2023-44487. */
static void rapid_reset(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/parallel?delay=5s", H2_END_STREAM);
        h2_number(h2, H2_RST_STREAM, 2 * i + 1, 8);
    }
}

/* The same before a request is whole, so that no handler sees it. */
static void rapid_reset_of_halves(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/hi", 0);
        h2_number(h2, H2_RST_STREAM, 2 * i + 1, 8);
    }
}

/* CVE-2025-8671: the client does something that has libh2o reset the stream. */
static void made_you_reset(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/parallel?delay=5s", H2_END_STREAM);
        h2_number(h2, H2_WINDOW_UPDATE, 2 * i + 1, 0);
    }
}

static void made_you_reset_by_data(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/parallel?delay=5s", H2_END_STREAM);
        h2_frame(h2, H2_DATA, 0, 2 * i + 1, "x", 1);
    }
}

static void too_many_streams(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++)
        h2_get(h2, 2 * i + 1, "/hi?delay=5s", H2_END_STREAM);
}

/* ---- slowness -------------------------------------------------------------------------------- */

/* Asks, and lets nothing out: no window, while another stream keeps the connection busy. */
static void stall_by_window(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=10s", H2_END_STREAM);
    h2_setting(h2, 4, 0);
    for (uint32_t i = 1; i < 50; i++)
        h2_get(h2, 2 * i + 1, "/hi?delay=0", H2_END_STREAM);
}

static void never_whole(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=10s", H2_END_STREAM);
    for (uint32_t i = 1; i < 50; i++)
        h2_get(h2, 2 * i + 1, "/hi?delay=0", 0);
}

static void half_a_frame(struct h2 *h2)
{
    h2_bytes(h2, "\0\0\x10\x01", 4);
}

static const struct attack attacks[] = {
    {"rapid reset", rapid_reset, "resets"},
    {"rapid reset of halves", rapid_reset_of_halves, "resets"},
    {"made you reset", made_you_reset, "resets"},
    {"made you reset by data", made_you_reset_by_data, "resets"},
    {"too many streams", too_many_streams, "resets"},
    {"no window", stall_by_window, "stalled"},
    {"never whole", never_whole, "slow_request"},
    {"half a frame", half_a_frame, "slow_request"},
};

static void each_misuse_of_streams(void **state)
{
    (void)state;
    attack_each(attacks, COUNT(attacks));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_misuse_of_streams),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
