/* /metrics, as Prometheus's own parser reads it (metrics.py). */
#include "tests/support/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* Debian's python3, which has Debian's python3-prometheus-client. */
#define PYTHON "/usr/bin/python3"

struct page {
    char text[65536];
};

static struct page *read_page(const struct service *service)
{
    char command[1024];
    struct page *page = calloc(1, sizeof *page);
    assert_non_null(page);
    (void)snprintf(command, sizeof command, PYTHON " '%s/tests/api/metrics.py' '%s/metrics'",
                   test_source_dir(), service->base);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    page->text[fread(page->text, 1, sizeof page->text - 1, pipe)] = '\0';
    assert_int_equal(pclose(pipe), 0);
    return page;
}

/* The value of the sample whose name and labels are `sample`; -1 when there is none. */
static double value_of(const struct page *page, const char *sample)
{
    size_t length = strlen(sample);
    for (const char *line = page->text; line != NULL && *line != '\0';) {
        if (strncmp(line, sample, length) == 0 && line[length] == ' ')
            return strtod(line + length, NULL);
        line = strchr(line, '\n');
        line = line == NULL ? NULL : line + 1;
    }
    return -1;
}

static void assert_value(const struct page *page, const char *sample, double expected)
{
    double value = value_of(page, sample);
    if (value < expected || value > expected)
        fail_msg("%s is %g and not %g", sample, value, expected);
}

static void get(const struct service *service, const char *path)
{
    struct answer answer = http_get(service, path);
    answer_free(&answer);
}

static void requests_are_counted_by_method_route_and_code(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    get(&service, "/hi?delay=0");
    get(&service, "/hi?delay=0&timeline=true");
    get(&service, "/parallel?count=5&delay=0");
    get(&service, "/parallel?count=x");
    get(&service, "/some/where/else");
    const struct ask head = {.method = "HEAD"};
    struct answer answer = http_ask(&service, "/sequence?delay=0", &head);
    answer_free(&answer);
    struct page *page = read_page(&service);
    assert_value(page, "http_requests_total{code=200,method=GET,route=/hi}", 2);
    assert_value(page, "http_requests_total{code=200,method=GET,route=/parallel}", 1);
    assert_value(page, "http_requests_total{code=400,method=GET,route=/parallel}", 1);
    assert_value(page, "http_requests_total{code=404,method=GET,route=other}", 1);
    assert_value(page, "http_requests_total{code=200,method=HEAD,route=/sequence}", 1);
    assert_value(page, "awaitd_tasks_total{outcome=done}", 2 + 5 + 3);
    assert_value(page, "http_request_duration_seconds_count{route=/hi}", 2);
    assert_value(page, "http_requests_in_flight{}", 0);
    free(page);
    service_stop(&service);
}

/* A sleep of 1 s must not fall into the bucket of 1.05 s and more by default. */
static void durations_tell_a_second_from_a_little_more(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    get(&service, "/hi?delay=1s");
    struct page *page = read_page(&service);
    assert_value(page, "http_request_duration_seconds_bucket{le=1,route=/hi}", 0);
    assert_true(value_of(page, "http_request_duration_seconds_bucket{le=1.05,route=/hi}") >= 0);
    assert_true(value_of(page, "http_request_duration_seconds_bucket{le=2.05,route=/hi}") >= 0);
    assert_true(value_of(page, "http_request_duration_seconds_bucket{le=3.05,route=/hi}") >= 0);
    assert_value(page, "http_request_duration_seconds_count{route=/hi}", 1);
    assert_true(value_of(page, "http_request_duration_seconds_sum{route=/hi}") >= 1);
    free(page);
    service_stop(&service);
}

struct expectation {
    const struct service *service;
    const char *sample;
    double value;
};

static bool has_value(void *context)
{
    const struct expectation *expected = context;
    struct page *page = read_page(expected->service);
    double value = value_of(page, expected->sample);
    free(page);
    return value > expected->value - 0.5 && value < expected->value + 0.5;
}

static void eventually(const struct service *service, const char *sample, double value)
{
    struct expectation expected = {service, sample, value};
    test_eventually(has_value, &expected, 20000, sample);
}

static void gauges_follow_requests_in_flight_and_leavers(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    int fd = raw_connect(&service);
    raw_send(fd, "GET /parallel?count=7&delay=10s HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually(&service, "http_requests_in_flight{}", 1);
    eventually(&service, "awaitd_tasks_active{}", 7);
    (void)close(fd);
    eventually(&service, "awaitd_client_disconnects_total{}", 1);
    eventually(&service, "awaitd_tasks_active{}", 0);
    struct page *page = read_page(&service);
    assert_value(page, "http_requests_in_flight{}", 0);
    assert_value(page, "awaitd_tasks_total{outcome=cancelled}", 7);
    assert_value(page, "http_requests_total{code=499,method=GET,route=/parallel}", 1);
    free(page);
    service_stop(&service);
}

/* The one who asks is one of them. */
static void connections_are_counted_as_they_come(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, NULL);
    struct page *before = read_page(&service);
    for (int i = 0; i < 3; i++) {
        int fd = raw_connect(&service);
        raw_send(fd, "GET /livez HTTP/1.0\r\n\r\n");
        assert_true(raw_is_closed(fd, 20000));
        (void)close(fd);
    }
    struct page *after = read_page(&service);
    assert_value(after, "http_connections_opened_total{}",
                 value_of(before, "http_connections_opened_total{}") + 4);
    free(before);
    free(after);
    service_stop(&service);
}

static void rejections_say_why(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, (const char *const[]){"--max-tasks", "5", "--max-count", "5",
                                                  "--max-blocking", "1", NULL});
    int tasks = raw_connect(&service);
    raw_send(tasks, "GET /parallel?count=3&delay=10s HTTP/1.1\r\nHost: a\r\n\r\n");
    int blocking = raw_connect(&service);
    raw_send(blocking, "GET /hi?delay=10s&sleep=blocking HTTP/1.1\r\nHost: a\r\n\r\n");
    eventually(&service, "awaitd_tasks_active{}", 4);
    get(&service, "/parallel?count=2&delay=0");
    get(&service, "/hi?delay=0&sleep=blocking");
    struct page *page = read_page(&service);
    assert_value(page, "awaitd_requests_rejected_total{reason=max_tasks}", 1);
    assert_value(page, "awaitd_requests_rejected_total{reason=max_blocking}", 1);
    assert_value(page, "awaitd_requests_rejected_total{reason=max_connections}", 0);
    free(page);
    (void)close(tasks);
    (void)close(blocking);
    service_stop(&service);
}

static void sleeps_and_turns_are_measured_for_each_loop(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    for (int i = 0; i < 20; i++)
        get(&service, "/parallel?count=10&delay=1ms");
    struct page *page = read_page(&service);
    double sleeps = value_of(page, "awaitd_timer_overshoot_seconds_count{thread=0}") +
                    value_of(page, "awaitd_timer_overshoot_seconds_count{thread=1}");
    assert_int_equal((int)sleeps, 200);
    assert_true(value_of(page, "awaitd_event_loop_lag_seconds_count{thread=0}") > 0);
    assert_true(value_of(page, "awaitd_event_loop_lag_seconds_count{thread=1}") > 0);
    assert_value(page, "awaitd_log_dropped_lines_total{}", 0);
    free(page);
    service_stop(&service);
}

static void the_process_is_described(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    struct page *page = read_page(&service);
    assert_true(value_of(page, "process_cpu_seconds_total{}") >= 0);
    assert_true(value_of(page, "process_resident_memory_bytes{}") > 1e6);
    assert_true(value_of(page, "process_virtual_memory_bytes{}") > 1e6);
    assert_true(value_of(page, "process_max_fds{}") >= value_of(page, "process_open_fds{}"));
    double age = (double)time(NULL) - value_of(page, "process_start_time_seconds{}");
    assert_true(age > -2 && age < 300);
    assert_non_null(strstr(page->text, "awaitd_build_info{version="));
    free(page);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_counted_by_method_route_and_code),
        cmocka_unit_test(durations_tell_a_second_from_a_little_more),
        cmocka_unit_test(gauges_follow_requests_in_flight_and_leavers),
        cmocka_unit_test(connections_are_counted_as_they_come),
        cmocka_unit_test(rejections_say_why),
        cmocka_unit_test(sleeps_and_turns_are_measured_for_each_loop),
        cmocka_unit_test(the_process_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
