/*
 * What all share: a connection that does its worst leaves the others their part of max_tasks and of
 * max_held, and neither is held longer than there is work or an answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/wire.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOON_MS 10000
#define STREAMS 100

static void open_streams(struct h2 *h2, const struct service *service, const char *path)
{
    h2_open(h2, service, false);
    for (uint32_t i = 0; i < STREAMS; i++)
        h2_get(h2, 2 * i + 1, path, H2_END_STREAM);
    assert_true(h2_send(h2));
}

/* A hundred sequences of a thousand are a hundred tasks. */
static void one_after_another_is_one_task(void **state)
{
    static const char *const paths[] = {"/sequence?count=1000&delay=10ms",
                                        "/sequence?count=1000&delay=10ms&format=text"};
    struct service service;
    (void)state;
    service_start(&service, (const char *const[]){"--max-tasks", "1000", NULL});
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct h2 h2;
        open_streams(&h2, &service, paths[i]);
        metric_expect(&service, "awaitd_tasks_active", STREAMS);
        assert_int_equal(wire_ask_status(&service, "/parallel?count=800&delay=0"), 200);
        h2_close(&h2);
        metric_expect(&service, "awaitd_tasks_active", 0);
    }
    service_stop(&service);
}

static void expect_share(const char *const *arguments, const char *path, const char *reason)
{
    struct service service;
    struct h2 h2;
    char sample[80];
    (void)snprintf(sample, sizeof sample, "awaitd_requests_rejected_total{reason=\"%s\"}", reason);
    service_start(&service, arguments);
    open_streams(&h2, &service, path);
    struct metric_hope hope = {&service, sample, 1, true};
    test_eventually(metric_is, &hope, SOON_MS, sample);
    /* Whoever comes next finds room for as much as one of those. */
    assert_int_equal(wire_ask_status(&service, path), 200);
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    h2_close(&h2);
    metric_expect(&service, "awaitd_tasks_active", 0);
    metric_expect(&service, "awaitd_held_bytes", 0);
    service_stop(&service);
}

static void no_connection_has_it_all(void **state)
{
    (void)state;
    expect_share((const char *const[]){"--max-tasks", "1000", NULL},
                 "/parallel?count=100&delay=500ms", "max_tasks");
    expect_share((const char *const[]){"--max-held", "1MiB", NULL}, "/hi?delay=500ms", "max_held");
    expect_share((const char *const[]){"--max-held", "1MiB", NULL},
                 "/sequence?count=1000&delay=500us&timeline=true", "max_held");
}

/* ---- answers that nobody takes --------------------------------------------------------------- */

#define LARGE "/parallel?count=10000&delay=0&timeline=true"

static int ask_and_not_read(const struct service *service)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)service->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int bytes = 4096;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    wire_get(fd, LARGE);
    return fd;
}

/* Its run is done: it holds no task, only memory. */
static void an_answer_that_waits_holds_no_task(void **state)
{
    const char *const arguments[] = {"--max-tasks",     "10000", "--max-count", "10000",
                                     "--write-timeout", "1m",    NULL};
    struct service service;
    int fds[8];
    (void)state;
    service_start(&service, arguments);
    for (size_t i = 0; i < COUNT(fds); i++) {
        fds[i] = ask_and_not_read(&service);
        metric_expect(&service, "http_requests_in_flight", (double)i + 1);
        metric_expect(&service, "awaitd_tasks_active", 0);
    }
    assert_true(metric_of(&service, "awaitd_held_bytes") > 8 * 1000000);
    for (size_t i = 0; i < COUNT(fds); i++)
        (void)close(fds[i]);
    metric_expect(&service, "awaitd_held_bytes", 0);
    service_stop(&service);
}

/* What they hold has a bound; past it small requests are served as ever. */
static void they_hold_so_much_and_no_more(void **state)
{
    const char *const arguments[] = {"--max-held",      "8MiB", "--max-count", "10000",
                                     "--write-timeout", "1m",   NULL};
    struct service service;
    int fds[8];
    (void)state;
    service_start(&service, arguments);
    for (size_t i = 0; i < COUNT(fds); i++)
        fds[i] = ask_and_not_read(&service);
    struct metric_hope hope = {&service, "awaitd_requests_rejected_total{reason=\"max_held\"}", 1,
                               true};
    test_eventually(metric_is, &hope, SOON_MS, hope.sample);
    assert_true(metric_of(&service, "awaitd_held_bytes") <= 8 * 1048576);
    struct reply reply = wire_ask(&service, LARGE);
    wire_expect_busy(&reply, "max_held");
    reply_free(&reply);
    assert_int_equal(wire_ask_status(&service, "/parallel?count=10&delay=0"), 200);
    reply = wire_ask(&service, "/parallel?count=10000&delay=0&timeline=true");
    assert_int_equal(reply.status, 503);
    reply_free(&reply);
    for (size_t i = 0; i < COUNT(fds); i++)
        (void)close(fds[i]);
    struct wire_hope again = {&service, LARGE, 200};
    test_eventually(wire_is_answered, &again, SOON_MS, "room again");
    service_stop(&service);
}

/* It could never be served, and is not told to come back. */
static void what_is_larger_than_all_is_refused_for_good(void **state)
{
    const char *const arguments[] = {"--max-held", "1MiB", "--max-count", "100000", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    struct reply reply = wire_ask(&service, "/parallel?count=100000&delay=0");
    assert_int_equal(reply.status, 400);
    assert_non_null(strstr(reply.body, "max_held"));
    reply_free(&reply);
    service_stop(&service);
}

/* A byte every so often is progress, but not enough: 1 kB/s is. */
static void a_trickle_is_not_taking(void **state)
{
    const char *const arguments[] = {"--max-count", "10000", "--write-timeout", "1s", NULL};
    struct service service;
    char byte[512];
    (void)state;
    service_start(&service, arguments);
    int fd = ask_and_not_read(&service);
    int64_t start_ns = test_now_ns();
    metric_expect(&service, "http_requests_in_flight", 1);
    struct metric_hope hope = {&service, "awaitd_connections_cut_total{reason=\"write_timeout\"}",
                               1, true};
    while (!metric_is(&hope)) {
        assert_true(test_now_ns() - start_ns < 60 * 1000000000LL);
        (void)recv(fd, byte, 1, MSG_DONTWAIT);
        test_nap_ms(50);
    }
    (void)close(fd);
    metric_expect(&service, "awaitd_held_bytes", 0);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_another_is_one_task),
        cmocka_unit_test(no_connection_has_it_all),
        cmocka_unit_test(an_answer_that_waits_holds_no_task),
        cmocka_unit_test(they_hold_so_much_and_no_more),
        cmocka_unit_test(what_is_larger_than_all_is_refused_for_good),
        cmocka_unit_test(a_trickle_is_not_taking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
