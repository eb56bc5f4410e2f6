/*
 * Clients that take too long to send a request, or to send the next one; slow_readers_test.c has
 * those that take too long to read. Lower bounds are exact (measured from before the clock of
 * awaitd can have started), upper ones generous.
 */
#include "tests/support/http.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LATEST_MS    8000

static int64_t milliseconds_since(int64_t start_ns)
{
    return (test_now_ns() - start_ns) / 1000000;
}

/* ---- requests that trickle ------------------------------------------------------------------- */

#define REQUEST_TIMEOUT_MS 250

static const char *const slow_requests[] = {
    "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nX-Trickle: ",
    "GET /hi",
    "\r\nG",
    "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
    "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n",
};

static void expect_408(const struct reply *reply)
{
    json_error_t error;
    assert_int_equal(reply->status, 408);
    assert_true(reply->is_whole);
    assert_true(reply_has(reply, "Content-Type: application/problem+json"));
    assert_true(reply_has(reply, "Connection: close"));
    json_t *problem = json_loadb(reply->body, reply->body_bytes, 0, &error);
    assert_non_null(problem);
    assert_int_equal(json_integer_value(json_object_get(problem, "status")), 408);
    json_decref(problem);
}

/* Bytes keep coming, and do not help. */
static void trickle(int fd, const char *start)
{
    struct pollfd answer = {.fd = fd, .events = POLLIN};
    int64_t start_ns = test_now_ns();
    raw_send(fd, start);
    while (poll(&answer, 1, 20) == 0 && milliseconds_since(start_ns) < LATEST_MS)
        (void)send(fd, "x", 1, MSG_NOSIGNAL);
    assert_in_range(milliseconds_since(start_ns), REQUEST_TIMEOUT_MS, LATEST_MS);
    struct reply reply = wire_read(fd, LATEST_MS);
    expect_408(&reply);
    assert_true(raw_is_closed(fd, LATEST_MS));
    reply_free(&reply);
}

static const char *const short_request_timeout[] = {"--request-timeout", "250ms", NULL};

static void a_request_that_trickles(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, short_request_timeout);
    for (size_t i = 0; i < COUNT(slow_requests); i++) {
        int fd = raw_connect(&service);
        trickle(fd, slow_requests[i]);
        (void)close(fd);
    }
    service_stop(&service);
}

/* The second of two on one connection, and one that began while the first was running. */
static void a_later_request_that_trickles(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, short_request_timeout);
    int fd = raw_connect(&service);
    wire_get(fd, "/hi?delay=0");
    assert_int_equal(wire_status(fd, LATEST_MS), 200);
    trickle(fd, slow_requests[0]);
    (void)close(fd);
    fd = raw_connect(&service);
    raw_send(fd, "GET /hi?delay=400ms HTTP/1.1\r\nHost: x\r\n\r\nGET /hi HT");
    assert_int_equal(wire_status(fd, LATEST_MS), 200);
    trickle(fd, "TP/1.1\r\nX-");
    (void)close(fd);
    service_stop(&service);
}

/* A body that comes in pieces, but in time. */
static void a_request_in_time_is_served(void **state)
{
    const char *const arguments[] = {"--request-timeout", "5s", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    int fd = raw_connect(&service);
    raw_send(fd, "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n");
    for (int i = 0; i < 20; i++) {
        raw_send(fd, "x");
        test_nap_ms(10);
    }
    assert_int_equal(wire_status(fd, LATEST_MS), 200);
    (void)close(fd);
    service_stop(&service);
}

/* ---- idle connections ------------------------------------------------------------------------ */

/* Closed without a word, in time. */
static void expect_idle_end(int fd, int64_t start_ns, int timeout_ms)
{
    char scrap[64];
    assert_int_equal(raw_read(fd, scrap, sizeof scrap, LATEST_MS), 0);
    assert_in_range(milliseconds_since(start_ns), timeout_ms, LATEST_MS);
    (void)close(fd);
}

static void an_idle_connection_is_closed(void **state)
{
    const char *const arguments[] = {"--idle-timeout", "300ms", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    int64_t start_ns = test_now_ns();
    int silent = raw_connect(&service);
    expect_idle_end(silent, start_ns, 300);
    start_ns = test_now_ns();
    int idle = raw_connect(&service);
    wire_get(idle, "/hi?delay=0");
    assert_int_equal(wire_status(idle, LATEST_MS), 200);
    expect_idle_end(idle, start_ns, 300);
    service_stop(&service);
}

static void a_connection_in_use_is_not_closed(void **state)
{
    const char *const arguments[] = {"--idle-timeout", "1s", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    int fd = raw_connect(&service);
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            test_nap_ms(600);
        wire_get(fd, "/hi?delay=0");
        assert_int_equal(wire_status(fd, LATEST_MS), 200);
    }
    (void)close(fd);
    service_stop(&service);
}

/* ---- what runs is not cut -------------------------------------------------------------------- */

static void what_runs_is_never_cut(void **state)
{
    const char *const arguments[] = {
        "--request-timeout", "100ms", "--idle-timeout", "100ms", "--write-timeout", "100ms", NULL};
    static const char *const targets[] = {"/hi?delay=500ms", "/hi?delay=500ms&format=text",
                                          "/sequence?count=2&delay=300ms&format=text",
                                          "/hi?delay=300ms&sleep=blocking",
                                          "/hi?delay=300ms&sleep=blocking&format=text"};
    struct service service;
    int fds[COUNT(targets)];
    (void)state;
    service_start(&service, arguments);
    for (size_t i = 0; i < COUNT(targets); i++) {
        fds[i] = raw_connect(&service);
        wire_get(fds[i], targets[i]);
    }
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct reply reply = wire_read(fds[i], LATEST_MS);
        assert_int_equal(reply.status, 200);
        assert_true(reply.is_whole);
        reply_free(&reply);
        (void)close(fds[i]);
    }
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_that_trickles),
        cmocka_unit_test(a_later_request_that_trickles),
        cmocka_unit_test(a_request_in_time_is_served),
        cmocka_unit_test(an_idle_connection_is_closed),
        cmocka_unit_test(a_connection_in_use_is_not_closed),
        cmocka_unit_test(what_runs_is_never_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
