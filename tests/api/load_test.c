/*
 * Many at once, and how exact: what awaitd promises of its speed. What it costs is processor time,
 * and what it is late by is compared with a nap of the test's own, so that a busy machine makes
 * neither worse. Speeds are asserted only of an optimised build without sanitizers.
 */
#include "tests/support/http.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static double seconds_since(int64_t start_ns)
{
    return (double)(test_now_ns() - start_ns) / 1e9;
}

static double elapsed_of(const struct reply *reply)
{
    assert_int_equal(reply->status, 200);
    assert_true(reply->is_whole);
    const char *elapsed = strstr(reply->body, "\"elapsed_seconds\": ");
    assert_non_null(elapsed);
    return strtod(elapsed + 19, NULL);
}

/* ---- a thousand at once ---------------------------------------------------------------------- */

#define CROWD 1000

/* They wait together, all of them at one moment; and waiting costs next to nothing. */
static void a_thousand_wait_together(void **state)
{
    struct service service;
    int fds[CROWD];
    (void)state;
    service_start(&service, NULL);
    for (int i = 0; i < CROWD; i++)
        fds[i] = raw_connect(&service);
    double before = service_cpu_seconds(&service);
    for (int i = 0; i < CROWD; i++)
        wire_get(fds[i], "/hi?delay=8s");
    struct metric_hope all = {&service, "awaitd_tasks_active", CROWD, false};
    test_eventually(metric_is, &all, 8000, "all of them wait");
    for (int i = 0; i < CROWD; i++) {
        struct reply reply = wire_read(fds[i], 20000);
        assert_true(elapsed_of(&reply) >= 8.0);
        reply_free(&reply);
    }
    double used = service_cpu_seconds(&service) - before;
    print_message("1,000 /hi took %.3f s of a processor\n", used);
    if (KEEPS_SPEED)
        assert_true(used < 0.25);
    for (int i = 0; i < CROWD; i++)
        (void)close(fds[i]);
    service_stop(&service);
}

/* ---- never early ----------------------------------------------------------------------------- */

#define CONNECTIONS 100

/* Each connection sends all of its requests at once; they run one after another, and beside those
   of the other connections. */
static void send_requests(int fd, int count)
{
    for (int i = 0; i < count; i++) {
        char target[64];
        (void)snprintf(target, sizeof target, "/hi?delay=%dus", 1000 + i * 101);
        wire_get(fd, target);
    }
}

static double worst_overshoot(int fd, int count)
{
    double worst = 0;
    for (int i = 0; i < count; i++) {
        struct reply reply = wire_read(fd, 20000);
        double asked = (1000 + i * 101) / 1e6;
        double elapsed = elapsed_of(&reply);
        if (elapsed < asked)
            fail_msg("%.9f s were asked for, it took %.9f s", asked, elapsed);
        worst = elapsed - asked > worst ? elapsed - asked : worst;
        reply_free(&reply);
    }
    return worst;
}

static void ten_thousand_are_never_early(void **state)
{
    struct service service;
    int fds[CONNECTIONS];
    int each = TIMES(100, 20);
    double worst = 0;
    (void)state;
    service_start(&service, NULL);
    for (int i = 0; i < CONNECTIONS; i++) {
        fds[i] = raw_connect(&service);
        send_requests(fds[i], each);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        double overshoot = worst_overshoot(fds[i], each);
        worst = overshoot > worst ? overshoot : worst;
        (void)close(fds[i]);
    }
    print_message("%d requests, the latest by %.3f ms\n", CONNECTIONS * each, worst * 1e3);
    service_stop(&service);
}

/* ---- hardly late ----------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

#define SAMPLES 101

/* By how much the service is later than a nap of ours of the same length, which the machine wakes
   from when it can: the medians, as each lateness by itself is the machine's. */
static double median_lateness(const struct service *service)
{
    double late[SAMPLES];
    double nap_late[SAMPLES];
    int fd = raw_connect(service);
    for (int i = 0; i < SAMPLES; i++) {
        wire_get(fd, "/hi?delay=10ms");
        struct reply reply = wire_read(fd, 20000);
        late[i] = elapsed_of(&reply) - 0.010;
        assert_true(late[i] >= 0);
        reply_free(&reply);
        int64_t before_ns = test_now_ns();
        test_nap_ms(10);
        nap_late[i] = seconds_since(before_ns) - 0.010;
    }
    (void)close(fd);
    qsort(late, SAMPLES, sizeof *late, compare);
    qsort(nap_late, SAMPLES, sizeof *nap_late, compare);
    return late[SAMPLES / 2] - nap_late[SAMPLES / 2];
}

/* A timer that counts in milliseconds is late by half of one. */
static void the_median_is_hardly_later_than_a_nap(void **state)
{
    struct service service;
    double best = 1e9;
    (void)state;
    service_start(&service, NULL);
    for (int round = 0; round < 5 && best >= 0.0003; round++) {
        double median = median_lateness(&service);
        best = median < best ? median : best;
    }
    print_message("later than a nap by %.3f ms (median)\n", best * 1e3);
    if (KEEPS_SPEED)
        assert_true(best < 0.0003);
    service_stop(&service);
}

/* ---- many tasks ------------------------------------------------------------------------------ */

/* Moves on past `text`, `times` in a row with commas in between. */
static const char *skip_words(const char *at, const char *text, int times)
{
    size_t length = strlen(text);
    for (int i = 0; i < times; i++) {
        if (strncmp(at, text, length) != 0)
            fail_msg("word %d is not %s but %.20s", i, text, at);
        at += length;
        at += strncmp(at, ", ", 2) == 0 ? 2 : 0;
    }
    return at;
}

/* By hand: jansson would need gigabytes and a minute for the largest of them under a sanitizer. */
static double ask_for_tasks(const struct service *service, int count)
{
    char target[64];
    (void)snprintf(target, sizeof target, "/parallel?count=%d&delay=100ms", count);
    int fd = raw_connect(service);
    int64_t start_ns = test_now_ns();
    wire_get(fd, target);
    struct reply reply = wire_read(fd, 60000);
    double took = seconds_since(start_ns);
    assert_true(elapsed_of(&reply) >= 0.1);
    const char *at = strchr(reply.body, '[');
    assert_non_null(at);
    at = skip_words(at + 1, "\"Hello\"", count);
    at = skip_words(at, "\"World\"", count);
    assert_int_equal(*at, ']');
    reply_free(&reply);
    (void)close(fd);
    return took;
}

/* Beside the 0.1 s that they wait. */
static void a_hundred_thousand_tasks_cost_a_tenth_of_a_second(void **state)
{
    const char *const arguments[] = {"--max-count", "100000", NULL};
    struct service service;
    double best = 1e9;
    (void)state;
    service_start(&service, arguments);
    for (int i = 0; i < 5 && best >= 0.1; i++) {
        double before = service_cpu_seconds(&service);
        (void)ask_for_tasks(&service, 100000);
        double used = service_cpu_seconds(&service) - before;
        best = used < best ? used : best;
    }
    print_message("100,000 tasks took %.3f s of a processor\n", best);
    if (KEEPS_SPEED)
        assert_true(best < 0.1);
    service_stop(&service);
}

#define MILLION TIMES(1000000, 300000)

static void a_million_tasks(void **state)
{
    const char *const arguments[] = {"--max-count", "1000000", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    double took = ask_for_tasks(&service, MILLION);
    print_message("%d tasks in %.3f s\n", MILLION, took);
    /* All that there may be are free again. */
    struct wire_hope hope = {&service, "/parallel?count=1000000&delay=0&format=text", 200};
    test_eventually(wire_is_answered, &hope, 60000, hope.target);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_wait_together),
        cmocka_unit_test(ten_thousand_are_never_early),
        cmocka_unit_test(the_median_is_hardly_later_than_a_nap),
        cmocka_unit_test(a_hundred_thousand_tasks_cost_a_tenth_of_a_second),
        cmocka_unit_test(a_million_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
