/*
 * Many at once, and how exact: what awaitd promises of its speed. Speeds are asserted only of an
 * optimised build without sanitizers, and as the best of a few tries: what the machine is busy with
 * meanwhile can only make them worse.
 */
#include "tests/support/http.h"
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

/* All connect, all ask, all read: seconds from the first question to the last answer. */
static double ask_together(const struct service *service, const char *target)
{
    int fds[CROWD];
    for (int i = 0; i < CROWD; i++)
        fds[i] = raw_connect(service);
    int64_t start_ns = test_now_ns();
    for (int i = 0; i < CROWD; i++)
        wire_get(fds[i], target);
    for (int i = 0; i < CROWD; i++) {
        struct reply reply = wire_read(fds[i], 20000);
        assert_true(elapsed_of(&reply) >= 1.0);
        reply_free(&reply);
    }
    double took = seconds_since(start_ns);
    for (int i = 0; i < CROWD; i++)
        (void)close(fds[i]);
    return took;
}

/* One after another they would take a quarter of an hour. */
static void a_thousand_finish_together(void **state)
{
    struct service service;
    double best = 1e9;
    (void)state;
    service_start(&service, NULL);
    for (int i = 0; i < 3 && best > 1.3; i++) {
        double took = ask_together(&service, "/hi");
        best = took < best ? took : best;
    }
    print_message("1,000 /hi in %.3f s\n", best);
    assert_true(best >= 1.0);
    assert_true(best < (KEEPS_SPEED ? 1.3 : 20));
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

#define SAMPLES 51

static double median_overshoot(const struct service *service)
{
    double late[SAMPLES];
    int fd = raw_connect(service);
    for (int i = 0; i < SAMPLES; i++) {
        wire_get(fd, "/hi?delay=10ms");
        struct reply reply = wire_read(fd, 20000);
        late[i] = elapsed_of(&reply) - 0.010;
        assert_true(late[i] >= 0);
        reply_free(&reply);
    }
    (void)close(fd);
    qsort(late, SAMPLES, sizeof *late, compare);
    return late[SAMPLES / 2];
}

static void the_median_is_less_than_half_a_millisecond_late(void **state)
{
    struct service service;
    double best = 1e9;
    (void)state;
    service_start(&service, NULL);
    for (int round = 0; round < 3 && best >= 0.0005; round++) {
        double median = median_overshoot(&service);
        best = median < best ? median : best;
    }
    print_message("late by %.3f ms (median)\n", best * 1e3);
    if (KEEPS_SPEED)
        assert_true(best < 0.0005);
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

static void a_hundred_thousand_tasks_in_a_third_of_a_second(void **state)
{
    const char *const arguments[] = {"--max-count", "100000", NULL};
    struct service service;
    double best = 1e9;
    (void)state;
    service_start(&service, arguments);
    for (int i = 0; i < 5 && best >= 0.3; i++) {
        double took = ask_for_tasks(&service, 100000);
        best = took < best ? took : best;
    }
    print_message("100,000 tasks in %.3f s\n", best);
    if (KEEPS_SPEED)
        assert_true(best < 0.3);
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
        cmocka_unit_test(a_thousand_finish_together),
        cmocka_unit_test(ten_thousand_are_never_early),
        cmocka_unit_test(the_median_is_less_than_half_a_millisecond_late),
        cmocka_unit_test(a_hundred_thousand_tasks_in_a_third_of_a_second),
        cmocka_unit_test(a_million_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
