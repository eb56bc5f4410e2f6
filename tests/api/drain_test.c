/*
 * The end: SIGTERM or SIGINT lets what runs finish, up to drain_timeout, answers the rest 503, and
 * exits with 0. That each request which was accepted is answered under load has a file of its own,
 * drain_load_test.c; what becomes of connections that idle, drain_grace_test.c.
 */
#include "tests/support/http.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON_MS 20000

/* Well beyond what any of these takes when it is right, and below the drain's time-out. */
#define DRAIN_MS 20000

static const char *const patient[] = {"--drain-timeout", "20s", NULL};

static int64_t milliseconds_since(int64_t start_ns)
{
    return (test_now_ns() - start_ns) / 1000000;
}

static void expect_last_answer(int fd, int status)
{
    struct reply reply = wire_read(fd, DRAIN_MS);
    assert_int_equal(reply.status, status);
    assert_true(reply.is_whole);
    assert_true(reply_has(&reply, "Connection: close"));
    assert_true(raw_is_closed(fd, DRAIN_MS));
    reply_free(&reply);
    (void)close(fd);
}

/* ---- what runs, what idles ------------------------------------------------------------------- */

static void finishes_what_runs(int signal)
{
    static const char *const targets[] = {
        "/hi?delay=500ms", "/sequence?count=2&delay=250ms", "/parallel?delay=500ms&timeline=true",
        "/hi?delay=300ms&sleep=blocking", "/hi?delay=100ms&sleep=blocking"};
    struct service service;
    int fds[5];
    service_start(&service, patient);
    for (int i = 0; i < 5; i++) {
        fds[i] = raw_connect(&service);
        wire_get(fds[i], targets[i]);
    }
    /* No time is given them to arrive: what the kernel has accepted counts as accepted. */
    service_signal(&service, signal);
    for (int i = 0; i < 5; i++)
        expect_last_answer(fds[i], 200);
    assert_int_equal(service_wait(&service, DRAIN_MS), 0);
}

static void what_runs_finishes(void **state)
{
    (void)state;
    finishes_what_runs(SIGTERM);
    finishes_what_runs(SIGINT);
}

static void a_stream_that_runs_finishes(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, patient);
    int fd = raw_connect(&service);
    wire_get(fd, "/sequence?count=2&delay=250ms&format=text");
    char first;
    assert_int_equal(recv(fd, &first, 1, MSG_PEEK), 1);
    service_signal(&service, SIGTERM);
    struct reply reply = wire_read(fd, DRAIN_MS);
    assert_int_equal(reply.status, 200);
    assert_true(reply.is_whole);
    /* Its head promised keep-alive before the signal; it is closed all the same. */
    assert_true(raw_is_closed(fd, DRAIN_MS));
    reply_free(&reply);
    (void)close(fd);
    assert_int_equal(service_wait(&service, DRAIN_MS), 0);
}

static bool is_refused(void *context)
{
    const struct service *service = context;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)service->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    bool refused =
        connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno == ECONNREFUSED;
    (void)close(fd);
    return refused;
}

/* Else the signal could come before the requests that it is to let finish. */
static void expect_in_flight(const struct service *service, int requests)
{
    struct metric_hope all = {service, "http_requests_in_flight", requests, true};
    test_eventually(metric_is, &all, 30000, "the requests are in flight");
}

static void new_connections_are_refused(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, patient);
    int running = raw_connect(&service);
    wire_get(running, "/hi?delay=3s");
    expect_in_flight(&service, 1);
    service_signal(&service, SIGTERM);
    /* Before, they are not heard: the kernel tries again after a second, and is refused. */
    test_nap_ms(100);
    test_eventually(is_refused, &service, SOON_MS, "new connections are refused");
    expect_last_answer(running, 200);
    assert_int_equal(service_wait(&service, DRAIN_MS), 0);
}

/* Three requests in one segment, and a fourth that comes while the first is running. */
static void what_is_pipelined_behind_is_served(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, patient);
    int fd = raw_connect(&service);
    wire_get(fd, "/hi?delay=0");
    assert_int_equal(wire_status(fd, SOON_MS), 200);
    raw_send(fd, "GET /hi?delay=2s HTTP/1.1\r\nHost: x\r\n\r\n"
                 "GET /hi?delay=1ms HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
                 "GET /hi?delay=2ms HTTP/1.1\r\nHost: x\r\n\r\n");
    expect_in_flight(&service, 1);
    wire_get(fd, "/nowhere");
    service_signal(&service, SIGTERM);
    for (int i = 0; i < 3; i++)
        assert_int_equal(wire_status(fd, SOON_MS), 200);
    expect_last_answer(fd, 404);
    assert_int_equal(service_wait(&service, DRAIN_MS), 0);
}

/* Stopped and continued, awaitd finds all at once: the signal, new requests on connections that
   idled and on new ones that it has not accepted yet. */
static void requests_that_the_kernel_has_are_served(void **state)
{
    (void)state;
    for (int round = 0; round < TIMES(5, 2); round++) {
        struct service service;
        int fds[20];
        service_start(&service, patient);
        for (int i = 0; i < 10; i++) {
            fds[i] = raw_connect(&service);
            wire_get(fds[i], "/hi?delay=0");
            assert_int_equal(wire_status(fds[i], SOON_MS), 200);
        }
        service_signal(&service, SIGSTOP);
        for (int i = 0; i < 20; i++) {
            fds[i] = i < 10 ? fds[i] : raw_connect(&service);
            wire_get(fds[i], "/hi?delay=20ms");
        }
        service_signal(&service, SIGTERM);
        service_signal(&service, SIGCONT);
        for (int i = 0; i < 20; i++)
            expect_last_answer(fds[i], 200);
        assert_int_equal(service_wait(&service, DRAIN_MS), 0);
    }
}

/* ---- what takes too long --------------------------------------------------------------------- */

/* In and out of the cage, running and waiting. */
static void what_takes_too_long_is_answered_503(void **state)
{
    const char *const arguments[] = {"--drain-timeout", "300ms", NULL};
    static const char *const targets[] = {
        "/hi?delay=10s", "/sequence?delay=10s", "/parallel?count=1000&delay=10s",
        "/hi?delay=10s&sleep=blocking", "/parallel?delay=10s&sleep=blocking"};
    struct service service;
    int fds[5];
    (void)state;
    service_start(&service, arguments);
    for (int i = 0; i < 5; i++) {
        fds[i] = raw_connect(&service);
        wire_get(fds[i], targets[i]);
    }
    expect_in_flight(&service, 5);
    int64_t start_ns = test_now_ns();
    service_signal(&service, SIGTERM);
    for (int i = 0; i < 5; i++) {
        struct reply reply = wire_read(fds[i], DRAIN_MS);
        /* libuv's timers count from where its turn began, in whole milliseconds. */
        assert_in_range(milliseconds_since(start_ns), 280, DRAIN_MS);
        assert_int_equal(reply.status, 503);
        assert_true(reply.is_whole);
        assert_true(reply_has(&reply, "Content-Type: application/problem+json"));
        assert_true(reply_has(&reply, "Connection: close"));
        assert_non_null(strcasestr(reply.head, "\r\nretry-after: "));
        reply_free(&reply);
        (void)close(fds[i]);
    }
    assert_int_equal(service_wait(&service, DRAIN_MS), 0);
}

/* Its 200 is out, so it ends without its last chunk. */
static void a_stream_that_takes_too_long_is_broken_off(void **state)
{
    const char *const arguments[] = {"--drain-timeout", "100ms", NULL};
    static const char *const targets[] = {"/sequence?delay=10s&format=text",
                                          "/hi?delay=10s&sleep=blocking&format=text"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct service service;
        char first;
        service_start(&service, arguments);
        int fd = raw_connect(&service);
        wire_get(fd, targets[i]);
        assert_int_equal(recv(fd, &first, 1, MSG_PEEK), 1);
        service_signal(&service, SIGTERM);
        struct reply reply = wire_read(fd, DRAIN_MS);
        assert_int_equal(reply.status, 200);
        assert_false(reply.is_whole);
        assert_string_equal(reply.body, "Hello\n");
        reply_free(&reply);
        (void)close(fd);
        assert_int_equal(service_wait(&service, DRAIN_MS), 0);
    }
}

static void a_second_signal_stops_at_once(void **state)
{
    static const int signals[][2] = {
        {SIGTERM, SIGTERM}, {SIGINT, SIGINT}, {SIGTERM, SIGINT}, {SIGINT, SIGTERM}};
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct service service;
        service_start(&service, patient);
        int fd = raw_connect(&service);
        wire_get(fd, i % 2 == 0 ? "/hi?delay=10s" : "/hi?delay=10s&sleep=blocking");
        expect_in_flight(&service, 1);
        service_signal(&service, signals[i][0]);
        /* Two signals of a kind that come at once are one. */
        test_eventually(is_refused, &service, SOON_MS, "the first one has been heard");
        service_signal(&service, signals[i][1]);
        expect_last_answer(fd, 503);
        assert_int_equal(service_wait(&service, DRAIN_MS), 0);
    }
}

/* ---- clients that do not play along ---------------------------------------------------------- */

#define LARGE "/parallel?count=100000&delay=0&timeline=true"

/* One does not read its answer, one does not end its request, one has left. */
static void nobody_holds_up_the_end(void **state)
{
    const char *const arguments[] = {"--drain-timeout", "300ms", "--max-count", "100000", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    int json = raw_connect(&service);
    wire_get(json, LARGE);
    int text = raw_connect(&service);
    wire_get(text, LARGE "&format=text");
    int half = raw_connect(&service);
    raw_send(half, "GET /hi HTTP/1.1\r\nHo");
    int gone = raw_connect(&service);
    wire_get(gone, "/hi?delay=10s");
    wire_reset(gone);
    test_nap_ms(TIMES(300, 1000)); /* for the answers to fill all buffers */
    service_signal(&service, SIGTERM);
    assert_int_equal(service_wait(&service, DRAIN_MS), 0);
    (void)close(json);
    (void)close(text);
    (void)close(half);
}

static void without_anybody_it_ends_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct service service;
        service_start(&service, patient);
        if (i >= 2)
            assert_int_equal(wire_ask_status(&service, "/hi?delay=0&sleep=blocking"), 200);
        service_signal(&service, i % 2 == 0 ? SIGTERM : SIGINT);
        assert_int_equal(service_wait(&service, 2000), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_runs_finishes),
        cmocka_unit_test(a_stream_that_runs_finishes),
        cmocka_unit_test(new_connections_are_refused),
        cmocka_unit_test(what_is_pipelined_behind_is_served),
        cmocka_unit_test(requests_that_the_kernel_has_are_served),
        cmocka_unit_test(what_takes_too_long_is_answered_503),
        cmocka_unit_test(a_stream_that_takes_too_long_is_broken_off),
        cmocka_unit_test(a_second_signal_stops_at_once),
        cmocka_unit_test(nobody_holds_up_the_end),
        cmocka_unit_test(without_anybody_it_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
