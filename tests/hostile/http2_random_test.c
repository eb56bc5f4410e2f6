/*
 * Random HTTP/2, good and bad, with TLS and without: the service lives, and nothing is left behind.
 * The seed is fixed.
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

static uint32_t pick(uint64_t *random, uint32_t below)
{
    *random ^= *random << 13; /* xorshift64 (Marsaglia 2003) */
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)(*random >> 33) % below;
}

static void put_random_frame(struct h2 *h2, uint64_t *random)
{
    static const uint8_t lengths[] = {0, 1, 4, 4, 5, 6, 8, 8, 40, 200};
    uint8_t payload[256];
    uint32_t stream = pick(random, 4) == 0 ? pick(random, 20) : 2 * pick(random, 30) + 1;
    size_t length = lengths[pick(random, COUNT(lengths))];
    for (size_t i = 0; i < length; i++)
        payload[i] = (uint8_t)(pick(random, 3) == 0 ? 0 : pick(random, 256));
    h2_frame(h2, (enum h2_type)pick(random, 12), (int)pick(random, 64), stream, payload, length);
}

/* Good requests, with what belongs to them and what does not. */
static void put_something(struct h2 *h2, uint64_t *random, uint32_t *stream)
{
    static const char *const paths[] = {
        "/hi?delay=0",  "/parallel?delay=2ms", "/livez", "/x", "/sequence?delay=1ms&format=text",
        "/hi?delay=10s"};
    switch (pick(random, 8)) {
    case 0:
        put_random_frame(h2, random);
        break;
    case 1:
        h2_number(h2, H2_RST_STREAM, 2 * pick(random, 30) + 1, 8);
        break;
    case 2:
        h2_number(h2, H2_WINDOW_UPDATE, 2 * pick(random, 30) + 1, pick(random, 3) * 1000);
        break;
    case 3:
        h2_setting(h2, 4, pick(random, 3) * 40);
        break;
    default:
        h2_get(h2, *stream, paths[pick(random, COUNT(paths))],
               pick(random, 4) == 0 ? 0 : H2_END_STREAM);
        *stream += 2;
    }
}

static void random_client(uint64_t *random)
{
    struct h2 h2;
    uint32_t stream = 1;
    bool is_open = true;
    h2_open(&h2, &service, pick(random, 3) == 0);
    for (uint32_t i = pick(random, 60); i > 0 && is_open; i--) {
        put_something(&h2, random, &stream);
        if (pick(random, 10) == 0)
            is_open = h2_send(&h2);
        if (pick(random, 40) == 0)
            test_nap_ms(1);
    }
    (void)h2_send(&h2);
    if (pick(random, 2) == 0)
        h2_close(&h2);
    else
        h2_reset(&h2);
}

static void random_clients(void **state)
{
    uint64_t random = 88172645463325252ULL;
    (void)state;
    int at_rest = wire_descriptors_at_rest(&service);
    for (int i = 0; i < TIMES(2000, 300); i++)
        random_client(&random);
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    wire_expect_descriptors(&service, at_rest);
    metric_expect(&service, "awaitd_tasks_active", 0);
    metric_expect(&service, "http_requests_in_flight", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_clients),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
