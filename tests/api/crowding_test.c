/*
 * More connections than there may be: beyond max_connections they are told so, beyond the process's
 * descriptors they wait. Those inside do not notice, and a place that is free again is taken at
 * once.
 */
#include "tests/support/http.h"
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
    wire_expect_busy(&reply, "max_connections");
    assert_true(reply_has(&reply, "Connection: close"));
    assert_true(raw_is_closed(fd, SOON_MS));
    reply_free(&reply);
}

static void expect_soon(const struct service *service, const char *target, int status)
{
    struct wire_hope hope = {service, target, status};
    test_eventually(wire_is_answered, &hope, SOON_MS, target);
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
    static const char request[] = "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n";
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
        (void)send(crowd[i], request, sizeof request - 1, MSG_NOSIGNAL);
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

/* ---- descriptors ----------------------------------------------------------------------------- */

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

static int count_answered(const int *fds)
{
    int answered = 0;
    for (int i = 0; i < GUESTS; i++)
        answered += is_answered(fds[i]);
    return answered;
}

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
    double before = service_cpu_seconds(&service);
    test_nap_ms(1000);
    /* A loop that spins would have used a second. */
    assert_true(service_cpu_seconds(&service) - before < 0.4);
    assert_in_range(count_answered(fds), 8, 15);
    int served = 0;
    for (int64_t end_ns = test_now_ns() + 20000000000; served < GUESTS && test_now_ns() < end_ns;
         served += leave_when_answered(fds))
        test_nap_ms(10);
    assert_int_equal(served, GUESTS);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sixth_connection),
        cmocka_unit_test(a_place_is_free_though_others_wait_beyond),
        cmocka_unit_test(a_crowd_at_the_door),
        cmocka_unit_test(out_of_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
