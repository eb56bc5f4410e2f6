/*
 * Streams of HTTP/2 that come to nothing (docs/threats.md), reset or refused, and frames that never
 * get whole.
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

/* CVE-2025-8671: the client does something for which the stream has to be reset. */
static void made_you_reset(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/parallel?delay=5s", H2_END_STREAM);
        h2_number(h2, H2_WINDOW_UPDATE, 2 * i + 1, 0x7fffffff);
    }
}

static void made_you_reset_by_a_bad_head(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++)
        h2_ask(h2, 2 * i + 1, H2_END_STREAM, "GET", "/hi", "keep-alive", "yes");
}

/* These two end the connection at once, being connection errors. */
static void made_you_reset_by_nothing(struct h2 *h2)
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

/* All that is behind it waits. */
static void half_a_frame(struct h2 *h2)
{
    h2_bytes(h2, "\0\0\x10\x01", 4);
}

static void half_a_block(struct h2 *h2)
{
    uint8_t block[64];
    h2_frame(h2, H2_HEADERS, 0, 1, block, h2_block(block, "GET", "/hi"));
}

static const struct attack attacks[] = {
    {"rapid reset", rapid_reset, "resets"},
    {"rapid reset of halves", rapid_reset_of_halves, "resets"},
    {"made you reset", made_you_reset, "resets"},
    {"made you reset by a bad head", made_you_reset_by_a_bad_head, "resets"},
    {"made you reset by nothing", made_you_reset_by_nothing, "protocol_error"},
    {"made you reset by data", made_you_reset_by_data, "stream_closed"},
    {"too many streams", too_many_streams, "resets"},
    {"half a frame", half_a_frame, "slow_request"},
    {"half a header block", half_a_block, "slow_request"},
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
