/*
 * Tens of thousands of random clients (tests/support/crowd.h) from several processes: nobody is
 * given a wrong answer, nobody who stays is left waiting, and when they have gone nothing of them
 * is left. TEST_SEED=NUMBER makes it other clients.
 */
#include "tests/support/crowd.h"
#include "tests/support/http.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CROWDS  4
#define CLIENTS TIMES(7500, 500) /* of each */
#define SOON_MS 20000

static uint32_t seed_of_today(void)
{
    const char *given = getenv("TEST_SEED");
    uint32_t seed = given == NULL ? 20240229 : (uint32_t)strtoul(given, NULL, 10);
    return seed == 0 ? 1 : seed;
}

static void let_them_come(const struct service *service, uint32_t seed, int clients)
{
    pid_t pids[CROWDS];
    for (uint32_t i = 0; i < CROWDS; i++) {
        const struct crowd crowd = {.port = service->port,
                                    .address = 0x7f000010 + i,
                                    .seed = seed + i * 7919,
                                    .clients = clients,
                                    .patience_ms = TIMES(20000, 60000)};
        pids[i] = crowd_start(&crowd);
        assert_true(pids[i] > 0);
    }
    for (int i = 0; i < CROWDS; i++) {
        int status = -1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
}

/* The connection that asks is open, and its request is not one that is counted as in flight. */
static void expect_rest(const struct service *service)
{
    metric_expect(service, "awaitd_tasks_active", 0);
    metric_expect(service, "http_requests_in_flight", 0);
    metric_expect(service, "http_connections", 1);
    assert_int_equal(wire_ask_status(service, "/hi?delay=0&sleep=blocking"), 200);
}

static void they_leave_nothing_behind(void **state)
{
    const char *const arguments[] = {"--host",
                                     "0.0.0.0",
                                     "--threads",
                                     "2",
                                     "--log",
                                     "off",
                                     "--request-timeout",
                                     "400ms",
                                     "--idle-timeout",
                                     "2s",
                                     "--max-blocking",
                                     "8",
                                     NULL};
    struct service service;
    uint32_t seed = seed_of_today();
    (void)state;
    print_message("seed %u\n", seed);
    service_start_bare(&service, arguments);
    /* What is kept for reuse has grown after this; a leak goes on to grow. */
    let_them_come(&service, seed + 1, CLIENTS / 5);
    int descriptors = wire_descriptors_at_rest(&service);
    int64_t before_bytes = service_resident_bytes(&service);
    int64_t start_ns = test_now_ns();
    let_them_come(&service, seed, CLIENTS);
    double seconds = (double)(test_now_ns() - start_ns) / 1e9;
    expect_rest(&service);
    wire_expect_descriptors(&service, descriptors);
    int64_t grown_bytes = service_resident_bytes(&service) - before_bytes;
    print_message("%d clients in %.1f s; %.1f MB more than before\n", CROWDS * CLIENTS, seconds,
                  (double)grown_bytes / 1e6);
    if (!IS_SANITIZED)
        assert_true(grown_bytes < 4 * 1024 * 1024);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
