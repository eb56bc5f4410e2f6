/*
 * A thousand clients that leave leave nothing behind, and how soon leaving is noticed.
 */
#include "tests/support/http.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The requests here would take 10 s: a server that did not notice fails by this. */
#define SOON_MS 3000

static void wait_until(const struct service *service, const char *target, int status)
{
    struct wire_hope hope = {service, target, status};
    test_eventually(wire_is_answered, &hope, SOON_MS, target);
}

static void leave_by_fin(int fd)
{
    (void)close(fd);
}

#define CROWD 100

static void (*const crowd_ways[])(int fd) = {leave_by_fin, wire_reset, wire_leave_with_bytes_unread,
                                             wire_leave_by_reset_with_bytes_unread};

static void crowd_comes_and_leaves(const struct service *service, int round)
{
    static const char *const targets[] = {"/parallel?count=10&delay=10s",
                                          "/parallel?count=10&delay=10s&format=text",
                                          "/sequence?count=10&delay=6s&timeline=true"};
    int fds[CROWD];
    for (int i = 0; i < CROWD; i++) {
        fds[i] = raw_connect(service);
        wire_get(fds[i], targets[(i + round) % 3]);
    }
    wait_until(service, "/parallel?count=1000&delay=0", 503);
    for (int i = 0; i < CROWD; i++)
        crowd_ways[(i + round) % 4](fds[i]);
    wait_until(service, "/parallel?count=1000&delay=0", 200);
}

static void a_thousand_leave_nothing_behind(void **state)
{
    const char *const arguments[] = {"--max-tasks", "1000", "--live", "off", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    int descriptors = wire_descriptors_at_rest(&service);
    crowd_comes_and_leaves(&service, 0);
    int64_t bytes = service_resident_bytes(&service);
    for (int round = 1; round < TIMES(10, 3); round++)
        crowd_comes_and_leaves(&service, round);
    wire_expect_descriptors(&service, descriptors);
    /* 900 of them would have left 9 MB behind, at about 10 KB each. */
    if (!IS_SANITIZED)
        assert_in_range(service_resident_bytes(&service), 0, bytes + 2 * 1024 * 1024);
    service_stop(&service);
}

static int64_t measure_noticing_ns(const struct service *service)
{
    int fd =
        wire_hold(service, "GET /parallel?delay=10s HTTP/1.1\r\nHost: x\r\n\r\n", "/hi?delay=0");
    int next = raw_connect(service);
    int64_t left_ns = test_now_ns();
    (void)close(fd);
    for (int status = 0; status != 200; status = wire_status(next, SOON_MS))
        wire_get(next, "/hi?delay=0");
    int64_t noticed_ns = test_now_ns();
    (void)close(next);
    return noticed_ns - left_ns;
}

static int compare_ns(const void *left, const void *right)
{
    int64_t difference = *(const int64_t *)left - *(const int64_t *)right;
    return difference < 0 ? -1 : difference > 0;
}

/* The median: on a busy machine one of them may well have to wait for a processor. */
static void leaving_is_noticed_within_50_ms(void **state)
{
    const char *const arguments[] = {"--max-tasks", "3", "--max-count", "3", NULL};
    int64_t took_ns[21];
    struct service service;
    (void)state;
    service_start(&service, arguments);
    for (size_t i = 0; i < COUNT(took_ns); i++)
        took_ns[i] = measure_noticing_ns(&service);
    qsort(took_ns, COUNT(took_ns), sizeof *took_ns, compare_ns);
    int64_t median_ns = took_ns[COUNT(took_ns) / 2];
    print_message("noticed after %.3f ms (median)\n", (double)median_ns / 1e6);
    assert_in_range(median_ns, 0, TIMES(50, 500) * 1000000LL);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_leave_nothing_behind),
        cmocka_unit_test(leaving_is_noticed_within_50_ms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
