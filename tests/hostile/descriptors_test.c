/*
 * No descriptor is left: who is inside is served, who comes waits, awaitd says so, and lets the
 * next one in as soon as one leaves.
 */
#include "tests/support/http.h"
#include "tests/support/metric.h"
#include "tests/support/wire.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/control.h"

#define DESCRIPTORS 64
#define GUESTS      150
#define SOON_MS     10000

static const char *const one_loop[] = {"--threads", "1",    "--host", "127.0.0.1",
                                       "--log",     "text", NULL};

/* As it would be under `ulimit -n 64`. */
static void start_with_few_descriptors(struct service *service)
{
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    service_start_bare(service, one_loop);
    const struct rlimit few = {DESCRIPTORS, DESCRIPTORS};
    assert_int_equal(prlimit(service->pid, RLIMIT_NOFILE, &few, NULL), 0);
}

/* A negative one is nobody: poll() passes it over. */
static bool is_answered(int fd, int timeout_ms)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, timeout_ms) == 1;
}

static int count_answered(const int *fds)
{
    int answered = 0;
    for (int i = 0; i < GUESTS; i++)
        answered += is_answered(fds[i], 0);
    return answered;
}

static void connect_guests(const struct service *service, int *fds)
{
    for (int i = 0; i < GUESTS; i++) {
        fds[i] = raw_connect(service);
        wire_get(fds[i], "/hi?delay=0");
    }
}

static void expect_line(const struct service *service, const char *wanted)
{
    char line[1024];
    while (fgets(line, sizeof line, service->output) != NULL)
        if (strstr(line, wanted) != NULL)
            return;
    fail_msg("the log does not say: %s", wanted);
}

static int leave_one_who_was_answered(int *fds)
{
    for (int i = 0; i < GUESTS; i++)
        if (fds[i] >= 0 && is_answered(fds[i], 0)) {
            assert_int_equal(wire_status(fds[i], SOON_MS), 200);
            (void)close(fds[i]);
            fds[i] = -1;
            return 1;
        }
    return 0;
}

struct crowd {
    int fds[GUESTS];
    int answered;
};

static bool has_another_answered(void *context)
{
    struct crowd *crowd = context;
    return count_answered(crowd->fds) >= crowd->answered;
}

/* Ten times one leaves. The sweep alone would let in one a second. */
static void a_guest_that_leaves_is_followed_by_another(void **state)
{
    struct service service;
    struct crowd crowd;
    (void)state;
    start_with_few_descriptors(&service);
    connect_guests(&service, crowd.fds);
    expect_line(&service, "accepting has stopped: Too many open files");
    test_nap_ms(200);
    crowd.answered = count_answered(crowd.fds);
    assert_in_range(crowd.answered, 20, DESCRIPTORS);
    struct control control;
    control_begin(&control);
    int64_t start_ns = test_now_ns();
    for (int i = 0; i < 10; i++) {
        assert_int_equal(leave_one_who_was_answered(crowd.fds), 1);
        test_eventually(has_another_answered, &crowd, SOON_MS, "another one is let in");
    }
    double seconds = (double)(test_now_ns() - start_ns) / 1e9;
    print_message("%d inside; 10 left and 10 came in %.2f s\n", crowd.answered, seconds);
    assert_prompt(seconds, 5, control_end(&control));
    for (int i = 0; i < GUESTS; i++)
        (void)close(crowd.fds[i]);
    struct metric_hope paused = {&service, "awaitd_accept_pauses_total", 1, true};
    test_eventually(metric_is, &paused, SOON_MS, "the pauses are counted");
    service_stop(&service);
}

/* It cannot even open a file to count its descriptors in; /metrics is answered all the same. */
static void who_is_inside_is_served(void **state)
{
    static const char *const targets[] = {"/hi?delay=1ms",
                                          "/metrics",
                                          "/openapi.json",
                                          "/parallel?count=1000&delay=1ms&timeline=true",
                                          "/hi?delay=1ms&sleep=blocking",
                                          "/nowhere"};
    struct service service;
    int fds[GUESTS];
    (void)state;
    start_with_few_descriptors(&service);
    int insider = raw_connect(&service);
    wire_get(insider, "/hi?delay=0");
    assert_int_equal(wire_status(insider, SOON_MS), 200);
    connect_guests(&service, fds);
    expect_line(&service, "accepting has stopped");
    for (int round = 0; round < 5; round++)
        for (int i = 0; i < 6; i++) {
            wire_get(insider, targets[i]);
            struct reply reply = wire_read(insider, SOON_MS);
            assert_int_equal(reply.status, i == 5 ? 404 : 200);
            assert_true(reply.is_whole);
            reply_free(&reply);
        }
    for (int i = 0; i < GUESTS; i++)
        (void)close(fds[i]);
    (void)close(insider);
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    service_stop(&service);
}

/* Those that it let in are served to their end; those that wait in the queue get no answer. */
static void it_can_be_stopped(void **state)
{
    struct service service;
    int fds[GUESTS];
    (void)state;
    start_with_few_descriptors(&service);
    int insider = raw_connect(&service);
    wire_get(insider, "/hi?delay=1s");
    connect_guests(&service, fds);
    expect_line(&service, "accepting has stopped");
    service_signal(&service, SIGTERM);
    assert_int_equal(wire_status(insider, SOON_MS), 200);
    assert_int_equal(service_wait(&service, 20000), 0);
    for (int i = 0; i < GUESTS; i++)
        (void)close(fds[i]);
    (void)close(insider);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_that_leaves_is_followed_by_another),
        cmocka_unit_test(who_is_inside_is_served),
        cmocka_unit_test(it_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
