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
#include <sys/resource.h>
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

/* ---- what one request may ask for
 * ------------------------------------------------------------------ */

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

/* ---- refusals for now
 * ------------------------------------------------------------------------------ */

/* A 503 as it is promised: a problem that says what is full, and when to come back. */
static void expect_busy(const struct reply *reply, const char *name)
{
    assert_int_equal(reply->status, 503);
    assert_true(reply->is_whole);
    assert_true(reply_has(reply, "Content-Type: application/problem+json"));
    const char *retry = strcasestr(reply->head, "\r\nretry-after: ");
    assert_non_null(retry);
    assert_true(atoi(retry + 15) >= 1);
    assert_non_null(strstr(reply->body, name));
}

static void expect_busy_at(const struct service *service, const char *target, const char *name)
{
    struct reply reply = wire_ask(service, target);
    expect_busy(&reply, name);
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
    expect_busy_at(&service, "/sequence?count=4&delay=0&sleep=blocking", "max_tasks");
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
    expect_busy(&busy, "max_blocking");
    /* A second is asked for, and one is there already: the whole seconds that are left, and one. */
    assert_true(reply_has(&busy, "Retry-After: 1") || reply_has(&busy, "Retry-After: 2"));
    reply_free(&busy);
    expect_status(&service, "/hi?delay=0", 200);
    assert_int_equal(wire_status(fd, 20000), 200);
    expect_soon(&service, "/hi?delay=0&sleep=blocking", 200);
    (void)close(fd);
    service_stop(&service);
}

/* ---- connections
 * ----------------------------------------------------------------------------------- */

#define PLACES 5

static const char *const five_connections[] = {"--max-connections", "5", NULL};

static void connect_all(const struct service *service, int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fds[i] = raw_connect(service);
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)close(fds[i]);
}

/* All of them have places: they are served, one request after another. */
static void expect_served(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wire_get(fds[i], "/hi?delay=0");
        assert_int_equal(wire_status(fds[i], SOON_MS), 200);
    }
}

static void expect_turned_away(int fd)
{
    wire_get(fd, "/hi?delay=0");
    struct reply reply = wire_read(fd, SOON_MS);
    expect_busy(&reply, "max_connections");
    assert_true(reply_has(&reply, "Connection: close"));
    assert_true(raw_is_closed(fd, SOON_MS));
    reply_free(&reply);
}

static void the_sixth_connection(void **state)
{
    struct service service;
    int fds[PLACES];
    (void)state;
    service_start(&service, five_connections);
    connect_all(&service, fds, PLACES);
    expect_served(fds, PLACES);
    for (int i = 0; i < 20; i++) {
        int sixth = raw_connect(&service);
        expect_turned_away(sixth);
        (void)close(sixth);
    }
    expect_served(fds, PLACES);
    (void)close(fds[2]);
    expect_soon(&service, "/hi?delay=0", 200);
    expect_soon(&service, "/hi?delay=0", 200);
    (void)close(fds[0]);
    close_all(fds + 3, 2);
    (void)close(fds[1]);
    service_stop(&service);
}

/* Those that were turned away, and dawdle, are not counted: a place that is free is free. */
static void a_place_is_free_though_others_wait_beyond(void **state)
{
    struct service service;
    int fds[PLACES];
    int beyond[10];
    (void)state;
    service_start(&service, five_connections);
    connect_all(&service, fds, PLACES);
    expect_served(fds, PLACES);
    int descriptors = service_descriptors(&service);
    connect_all(&service, beyond, COUNT(beyond));
    /* Once they have been taken on; one that was still in the queue might get the place. */
    while (service_descriptors(&service) < descriptors + (int)COUNT(beyond))
        test_nap_ms(1);
    (void)close(fds[0]);
    expect_soon(&service, "/hi?delay=0", 200);
    close_all(fds + 1, PLACES - 1);
    close_all(beyond, COUNT(beyond));
    service_stop(&service);
}

/* However many come, at most so many are ever inside, and those inside do not notice. */
static void a_crowd_at_the_door(void **state)
{
    struct service service;
    int fds[PLACES];
    int crowd[600];
    (void)state;
    service_start(&service, five_connections);
    int descriptors = wire_descriptors_at_rest(&service);
    connect_all(&service, fds, PLACES);
    expect_served(fds, PLACES);
    connect_all(&service, crowd, COUNT(crowd));
    expect_served(fds, PLACES);
    /* Each of the two loops takes on 128 more, to tell them; the rest is closed without a word. */
    assert_in_range(service_descriptors(&service), 0, descriptors + PLACES + 2 * 128);
    for (size_t i = 0; i < COUNT(crowd); i++)
        (void)send(crowd[i], "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", 38, MSG_NOSIGNAL);
    for (size_t i = 0; i < COUNT(crowd); i++) {
        int status = wire_status(crowd[i], SOON_MS);
        assert_true(status == 503 || status == 0);
    }
    expect_served(fds, PLACES);
    close_all(crowd, COUNT(crowd));
    close_all(fds, PLACES);
    wire_expect_descriptors(&service, descriptors);
    service_stop(&service);
}

/* ---- request bodies
 * -------------------------------------------------------------------------------- */

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

/* ---- header fields
 * --------------------------------------------------------------------------------- */

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

/* ---- descriptors
 * ----------------------------------------------------------------------------------- */

static double processor_seconds(const struct service *service)
{
    char path[64];
    long long user = 0;
    long long system = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)service->pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    int found = fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user,
                       &system);
    (void)fclose(file);
    assert_int_equal(found, 2);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* Leaves it room for so many more descriptors than it has, or a few more. */
static void limit_descriptors(const struct service *service, int more)
{
    rlim_t most = (rlim_t)(wire_descriptors_at_rest(service) + more);
    struct rlimit limit = {most, most};
    assert_int_equal(prlimit(service->pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

static bool is_answered(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, 0) == 1;
}

#define GUESTS 40

/* Closes those that are answered; returns how many. */
static int leave_when_answered(int *fds)
{
    int left = 0;
    for (int i = 0; i < GUESTS; i++)
        if (fds[i] >= 0 && is_answered(fds[i])) {
            assert_int_equal(wire_status(fds[i], SOON_MS), 200);
            (void)close(fds[i]);
            fds[i] = -1;
            left++;
        }
    return left;
}

/* Those that do not get a descriptor wait in the kernel's queue, awaitd does not spin over them,
   and serves them when others have left. */
static void out_of_descriptors(void **state)
{
    /* Not for its own sake: awaitd looks for free descriptors as often as it looks at time-outs. */
    const char *const arguments[] = {"--write-timeout", "400ms", NULL};
    struct service service;
    int fds[GUESTS];
    (void)state;
    service_start(&service, arguments);
    limit_descriptors(&service, 10);
    connect_all(&service, fds, GUESTS);
    for (int i = 0; i < GUESTS; i++)
        wire_get(fds[i], "/hi?delay=0");
    test_nap_ms(200);
    double before = processor_seconds(&service);
    test_nap_ms(1000);
    /* A loop that spins would have used a second. */
    assert_true(processor_seconds(&service) - before < 0.4);
    int served = leave_when_answered(fds);
    assert_in_range(served, 8, 15);
    for (int64_t end_ns = test_now_ns() + 20000000000; served < GUESTS && test_now_ns() < end_ns;
         served += leave_when_answered(fds))
        test_nap_ms(10);
    assert_int_equal(served, GUESTS);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay_count_and_duration),
        cmocka_unit_test(tasks_in_flight),
        cmocka_unit_test(requests_in_the_cage),
        cmocka_unit_test(the_sixth_connection),
        cmocka_unit_test(a_place_is_free_though_others_wait_beyond),
        cmocka_unit_test(a_crowd_at_the_door),
        cmocka_unit_test(request_bodies),
        cmocka_unit_test(header_fields),
        cmocka_unit_test(out_of_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
