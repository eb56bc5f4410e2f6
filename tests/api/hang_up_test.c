/*
 * A client that leaves while its request waits: noticed at once, its whole task tree cancelled,
 * nothing left behind. Seen from outside: all tasks (or the cage's places) are taken by the one who
 * leaves, and the next is served long before the delay of the first would have been over.
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

/* The requests here would take 10 s: a server that did not notice fails by this. */
#define SOON_MS 3000

/* ---- ways to leave --------------------------------------------------------------------------- */

static void leave_by_fin(int fd)
{
    (void)close(fd);
}

/* Still reads: its request counts as given up all the same, as the whole answer would be late. */
static void leave_by_half(int fd)
{
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_true(raw_is_closed(fd, SOON_MS));
    (void)close(fd);
}

static const struct {
    const char *name;
    void (*leave)(int fd);
} ways[] = {
    {"FIN", leave_by_fin},
    {"RST", wire_reset},
    {"half-close", leave_by_half},
    {"FIN behind unread bytes", wire_leave_with_bytes_unread},
    {"RST behind unread bytes", wire_leave_by_reset_with_bytes_unread},
};

/* ---- requests to leave ----------------------------------------------------------------------- */

/* Each leaves no three of the server's three tasks, for 10 s or more. */
static const char *const requests[] = {
    "GET /parallel?delay=10s HTTP/1.1\r\nHost: test\r\n\r\n",
    "GET /parallel?delay=10s&timeline=true&format=text HTTP/1.1\r\nHost: test\r\n\r\n",
    "GET /parallel?delay=10s&format=text HTTP/1.0\r\n\r\n",
    "GET /parallel?delay=10s,0,0 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "GET /sequence?delay=10s HTTP/1.1\r\nHost: test\r\n\r\n",
    "GET /sequence?delay=10s&format=text HTTP/1.1\r\nHost: test\r\n\r\n",
    "GET /parallel?delay=10s&sleep=blocking HTTP/1.1\r\nHost: test\r\n\r\n",
    "GET /sequence?delay=10s&sleep=blocking&format=text HTTP/1.1\r\nHost: test\r\n\r\n",
    "HEAD /parallel?delay=10s HTTP/1.1\r\nHost: test\r\n\r\n",
    "HEAD /parallel?delay=10s&format=text HTTP/1.1\r\nHost: test\r\n\r\n",
    "POST /hi HTTP/1.1\r\nHost: test\r\n\r\nGET /parallel?delay=10s HTTP/1.1\r\nHost: test\r\n\r\n",
};

static void wait_until(const struct service *service, const char *target, int status)
{
    struct wire_hope hope = {service, target, status};
    test_eventually(wire_is_answered, &hope, SOON_MS, target);
}

static bool is_streamed(const char *request)
{
    return strstr(request, "format=text") != NULL && strncmp(request, "GET", 3) == 0;
}

/* In the middle of an answer: its first words have come. */
static void read_a_first_piece(int fd)
{
    char piece[4096];
    size_t used = 0;
    while (used == 0 || strstr(piece, "Hello") == NULL) {
        ssize_t got = recv(fd, piece + used, sizeof piece - 1 - used, 0);
        assert_true(got > 0);
        used += (size_t)got;
        piece[used] = '\0';
    }
}

static void come_and_leave(const struct service *service, const char *request, void (*leave)(int))
{
    int fd = wire_hold(service, request, "/parallel?delay=0");
    if (is_streamed(request))
        read_a_first_piece(fd);
    leave(fd);
    wait_until(service, "/parallel?delay=0", 200);
}

static const char *const three_tasks[] = {
    "--max-tasks",     "3",   "--max-count", "3", "--max-duration", "1m", "--idle-timeout", "30s",
    "--write-timeout", "30s", NULL};

static void every_way_to_leave_every_request(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, three_tasks);
    int descriptors = wire_descriptors_at_rest(&service);
    for (size_t request = 0; request < COUNT(requests); request++)
        for (size_t way = 0; way < COUNT(ways); way++) {
            print_message("%s: %.*s\n", ways[way].name, (int)strcspn(requests[request], "\r"),
                          requests[request]);
            come_and_leave(&service, requests[request], ways[way].leave);
        }
    wire_expect_descriptors(&service, descriptors);
    service_stop(&service);
}

/* The end comes in the same segment, or close behind it: before the request has a handler. */
static void a_request_with_its_end_in_one_go(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, three_tasks);
    for (size_t request = 0; request < COUNT(requests); request++)
        for (int i = 0; i < 5; i++) {
            int fd = raw_connect(&service);
            raw_send(fd, requests[request]);
            if (i % 2 == 0)
                (void)close(fd);
            else
                wire_reset(fd);
            wait_until(&service, "/parallel?delay=0", 200);
        }
    service_stop(&service);
}

/* ---- what a half-closed client is told ------------------------------------------------------- */

static void a_half_closed_client_is_told_499(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, three_tasks);
    int fd = wire_hold(&service, requests[0], "/hi?delay=0");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    struct reply reply = wire_read(fd, SOON_MS);
    assert_int_equal(reply.status, 499);
    assert_true(reply.is_whole);
    assert_true(reply_has(&reply, "Content-Type: application/problem+json"));
    assert_true(reply_has(&reply, "Connection: close"));
    assert_non_null(strstr(reply.body, "\"status\": 499"));
    assert_true(raw_is_closed(fd, SOON_MS));
    reply_free(&reply);
    (void)close(fd);
    service_stop(&service);
}

/* Its 200 is out already, so it is broken off: no last chunk that would make it look whole. */
static void a_half_closed_reader_of_a_stream_is_broken_off(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, three_tasks);
    int fd =
        wire_hold(&service, "GET /sequence?delay=10s&format=text HTTP/1.1\r\nHost: test\r\n\r\n",
                  "/parallel?delay=0");
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    struct reply reply = wire_read(fd, SOON_MS);
    assert_int_equal(reply.status, 200);
    assert_false(reply.is_whole);
    assert_string_equal(reply.body, "Hello\n");
    reply_free(&reply);
    (void)close(fd);
    service_stop(&service);
}

/* ---- the log --------------------------------------------------------------------------------- */

static void read_line(const struct service *service, char *line, int size)
{
    struct pollfd waiting = {.fd = fileno(service->output), .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, SOON_MS), 1);
    assert_non_null(fgets(line, size, service->output));
}

static void each_is_logged_as_499(void **state)
{
    const char *const arguments[] = {"--log", "json", NULL};
    struct service service;
    char line[2048];
    (void)state;
    service_start(&service, arguments);
    for (size_t i = 0; i < COUNT(requests) - 1; i++) {
        int fd = raw_connect(&service);
        raw_send(fd, requests[i]);
        if (is_streamed(requests[i]))
            read_a_first_piece(fd);
        (void)close(fd);
        read_line(&service, line, sizeof line);
        assert_non_null(strstr(line, "\"status\":499,"));
    }
    service_stop(&service);
}

/* ---- the cage -------------------------------------------------------------------------------- */

static const char blocking[] =
    "GET /hi?delay=10s&sleep=blocking&format=text HTTP/1.1\r\nHost: test\r\n\r\n";

/* A request that waits in the cage's queue: it is not answered, neither 503 nor 200. */
static int queue_one(const struct service *service)
{
    int64_t end_ns = test_now_ns() + SOON_MS * 1000000LL;
    while (test_now_ns() < end_ns) {
        int fd = raw_connect(service);
        wire_get(fd, "/hi?delay=0&sleep=blocking");
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        if (poll(&waiting, 1, 100) == 0)
            return fd;
        assert_int_equal(wire_status(fd, SOON_MS), 503);
        (void)close(fd);
    }
    fail_msg("the place of one that left was not free again");
    return -1;
}

/* One that runs and one that waits fill a cage with room for two. Both leave, in either order: each
   place is free again, and the thread does not sleep on. */
static void leave_the_cage(const struct service *service, bool waiting_one_first)
{
    int first = raw_connect(service);
    raw_send(first, blocking);
    read_a_first_piece(first);
    int second = wire_hold(service, blocking, "/parallel?count=999&delay=0");
    assert_int_equal(wire_ask_status(service, "/hi?delay=0&sleep=blocking"), 503);
    (void)close(waiting_one_first ? second : first);
    int third = queue_one(service);
    (void)close(waiting_one_first ? first : second);
    assert_int_equal(wire_status(third, SOON_MS), 200);
    (void)close(third);
    wait_until(service, "/hi?delay=0&sleep=blocking", 200);
}

static void the_cage_is_left_running_and_waiting(void **state)
{
    const char *const arguments[] = {"--max-blocking", "2", "--max-tasks", "1000", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    for (int i = 0; i < 4; i++)
        leave_the_cage(&service, i % 2 == 0);
    service_stop(&service);
}

static void a_thousand_tasks_leave_with_one_client(void **state)
{
    const char *const arguments[] = {"--max-tasks", "1000", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    for (size_t way = 0; way < COUNT(ways); way++) {
        int fd = wire_hold(&service,
                           "GET /parallel?count=1000&delay=10s&timeline=true HTTP/1.1\r\n"
                           "Host: test\r\n\r\n",
                           "/hi?delay=0");
        ways[way].leave(fd);
        wait_until(&service, "/parallel?count=1000&delay=0", 200);
    }
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_leave_every_request),
        cmocka_unit_test(a_request_with_its_end_in_one_go),
        cmocka_unit_test(a_half_closed_client_is_told_499),
        cmocka_unit_test(a_half_closed_reader_of_a_stream_is_broken_off),
        cmocka_unit_test(each_is_logged_as_499),
        cmocka_unit_test(the_cage_is_left_running_and_waiting),
        cmocka_unit_test(a_thousand_tasks_leave_with_one_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
