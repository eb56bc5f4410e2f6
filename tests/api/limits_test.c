/*
 * Every bound from both sides: what is just allowed is served, what is just beyond is refused in
 * the words of the contract, and a bound on what is in flight frees again.
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
#define SOON_MS      5000

static void expect_status(const struct service *service, const char *target, int status)
{
    int got = wire_ask_status(service, target);
    if (got != status)
        fail_msg("%s: %d, not %d", target, got, status);
}

/* ---- what one request may ask for ------------------------------------------------------------ */

static const struct {
    const char *target;
    int status;
} asked[] = {
    {"/hi?delay=100ms", 200},
    {"/hi?delay=100.000001ms", 400},
    {"/hi?delay=101ms", 400},
    {"/parallel?delay=0,100ms,0", 200},
    {"/parallel?delay=0,101ms,0", 400},
    {"/parallel?count=5&delay=0", 200},
    {"/parallel?count=6&delay=0", 400},
    {"/parallel?delay=0,0,0,0,0", 200},
    {"/parallel?delay=0,0,0,0,0,0", 400},
    {"/parallel?count=5&delay=100ms", 200}, /* 100 ms in all: they wait together */
    {"/sequence?count=2&delay=100ms", 200},
    {"/sequence?count=3&delay=100ms", 400},
    {"/sequence?delay=100ms,100ms,50ms", 200},
    {"/sequence?delay=100ms,100ms,50.001ms", 400},
    {"/parallel?count=2&delay=100ms&sleep=blocking", 200},
    {"/parallel?count=3&delay=100ms&sleep=blocking", 400},
    {"/sequence?count=5&delay=100ms&sleep=forgotten", 200}, /* nothing waits */
};

static void delay_count_and_duration(void **state)
{
    const char *const arguments[] = {"--max-delay",    "100ms", "--max-count", "5",
                                     "--max-duration", "250ms", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    for (size_t i = 0; i < COUNT(asked); i++)
        expect_status(&service, asked[i].target, asked[i].status);
    service_stop(&service);
}

/* ---- refusals for now ------------------------------------------------------------------------ */

static void expect_busy_at(const struct service *service, const char *target, const char *name)
{
    struct reply reply = wire_ask(service, target);
    wire_expect_busy(&reply, name);
    reply_free(&reply);
}

static void expect_soon(const struct service *service, const char *target, int status)
{
    struct wire_hope hope = {service, target, status};
    test_eventually(wire_is_answered, &hope, SOON_MS, target);
}

static void tasks_in_flight(void **state)
{
    const char *const arguments[] = {"--max-tasks", "10", "--max-count", "10", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    expect_status(&service, "/parallel?count=10&delay=0", 200);
    expect_soon(&service, "/parallel?count=10&delay=0", 200);
    int fd = wire_hold(&service, "GET /parallel?count=7&delay=1s HTTP/1.1\r\nHost: x\r\n\r\n",
                       "/parallel?count=4&delay=0");
    expect_busy_at(&service, "/parallel?count=4&delay=0", "max_tasks");
    expect_busy_at(&service, "/parallel?count=4&delay=0&sleep=forgotten", "max_tasks");
    /* One after another, they are one task at a time. */
    expect_status(&service, "/sequence?count=10&delay=0", 200);
    expect_status(&service, "/parallel?count=10&delay=0&sleep=blocking", 200);
    expect_soon(&service, "/parallel?count=3&delay=0", 200);
    expect_status(&service, "/no/such/path", 404);
    assert_int_equal(wire_status(fd, 20000), 200);
    expect_soon(&service, "/parallel?count=10&delay=0", 200);
    (void)close(fd);
    service_stop(&service);
}

static void requests_in_the_cage(void **state)
{
    const char *const arguments[] = {"--max-blocking", "1", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    int fd = raw_connect(&service);
    wire_get(fd, "/hi?delay=1s&sleep=blocking&format=text");
    struct pollfd first_word = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&first_word, 1, SOON_MS), 1);
    struct reply busy = wire_ask(&service, "/hi?delay=0&sleep=blocking");
    wire_expect_busy(&busy, "max_blocking");
    /* A second is asked for, and one is there already: the whole seconds that are left, and one. */
    assert_true(reply_has(&busy, "Retry-After: 1") || reply_has(&busy, "Retry-After: 2"));
    reply_free(&busy);
    expect_status(&service, "/hi?delay=0", 200);
    assert_int_equal(wire_status(fd, 20000), 200);
    expect_soon(&service, "/hi?delay=0&sleep=blocking", 200);
    (void)close(fd);
    service_stop(&service);
}

/* ---- request bodies -------------------------------------------------------------------------- */

/* Sends a body of `bytes` in the one way or the other; returns the answer's status. */
static int send_body(const struct service *service, size_t bytes, bool is_chunked)
{
    char *body = malloc(bytes + 1);
    assert_non_null(body);
    memset(body, 'x', bytes);
    body[bytes] = '\0';
    char *request = NULL;
    assert_true(
        (is_chunked && bytes > 0
             ? asprintf(&request,
                        "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "%zx\r\n%s\r\n0\r\n\r\n",
                        bytes, body)
         : is_chunked
             ? asprintf(&request, "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
             : asprintf(&request,
                        "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
                        bytes, body)) > 0);
    int fd = raw_connect(service);
    /* awaitd does not read on once it has refused, so sending may well fail. */
    (void)send(fd, request, strlen(request), MSG_NOSIGNAL);
    struct reply reply = wire_read(fd, SOON_MS);
    if (reply.status == 413) {
        assert_true(reply_has(&reply, "Content-Type: application/problem+json"));
        assert_non_null(strstr(reply.body, "max_body"));
        assert_true(raw_is_closed(fd, SOON_MS));
    }
    (void)close(fd);
    reply_free(&reply);
    free(request);
    free(body);
    return reply.status;
}

static void expect_largest_body(const char *option, size_t largest)
{
    const char *const arguments[] = {"--max-body", option, NULL};
    struct service service;
    service_start(&service, arguments);
    for (int is_chunked = 0; is_chunked < 2; is_chunked++) {
        assert_int_equal(send_body(&service, largest, is_chunked), 200);
        assert_int_equal(send_body(&service, largest + 1, is_chunked), 413);
        assert_int_equal(send_body(&service, largest + 100000, is_chunked), 413);
        assert_int_equal(send_body(&service, 0, is_chunked), 200);
    }
    service_stop(&service);
}

static void request_bodies(void **state)
{
    (void)state;
    expect_largest_body("64KiB", 65536);
    expect_largest_body("1000", 1000);
    expect_largest_body("1", 1);
    expect_largest_body("0", 0);
}

/* ---- header fields --------------------------------------------------------------------------- */

static struct reply send_fields(const struct service *service, int count)
{
    char request[8192];
    int length = snprintf(request, sizeof request, "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < count; i++)
        length += snprintf(request + length, sizeof request - (size_t)length, "X-%d: %d\r\n", i, i);
    (void)snprintf(request + length, sizeof request - (size_t)length, "\r\n");
    int fd = raw_connect(service);
    raw_send(fd, request);
    struct reply reply = wire_read(fd, SOON_MS);
    (void)close(fd);
    return reply;
}

static void expect_fields(const struct service *service, int count, int status)
{
    struct reply reply = send_fields(service, count);
    if (reply.status != status)
        fail_msg("%d header fields: %d, not %d", count, reply.status, status);
    if (status == 431)
        assert_non_null(strstr(reply.body, "max_headers"));
    reply_free(&reply);
}

/* Host is not counted: libh2o takes it, and a few others, out of the list. Past 100 it takes
   nothing at all, and says so in its own fixed words. */
static void header_fields(void **state)
{
    const char *const ten[] = {"--max-headers", "10", NULL};
    const char *const hundred[] = {"--max-headers", "100", NULL};
    struct service service;
    (void)state;
    service_start(&service, ten);
    expect_fields(&service, 10, 200);
    expect_fields(&service, 11, 431);
    expect_fields(&service, 99, 431);
    expect_fields(&service, 101, 400);
    service_stop(&service);
    service_start(&service, hundred);
    expect_fields(&service, 99, 200);
    expect_fields(&service, 100, 400);
    service_stop(&service);
    service_start(&service, NULL);
    expect_fields(&service, 64, 200);
    expect_fields(&service, 65, 431);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay_count_and_duration),
        cmocka_unit_test(tasks_in_flight),
        cmocka_unit_test(requests_in_the_cage),
        cmocka_unit_test(request_bodies),
        cmocka_unit_test(header_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
