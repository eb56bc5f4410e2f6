/*
 * A request of a million tasks beside small ones, on one loop: these are served all along, also
 * while it is cancelled, and afterwards everything that it took is given back.
 */
#include "tests/support/http.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON_MS 30000

/* Of a million: the sanitizers' memory is a multiple. */
#define TASKS TIMES(1000000, 300000)

/* With room for small ones beside a large one, but not for two of them. */
static void start_one_loop(struct service *service)
{
    const char *const arguments[] = {"--host",      "127.0.0.1", "--threads",   "1",
                                     "--log",       "off",       "--max-count", "1000000",
                                     "--max-tasks", "1000100",   NULL};
    service_start_bare(service, arguments);
}

static void ask_for_many(int fd, const char *more)
{
    char target[100];
    (void)snprintf(target, sizeof target, "/parallel?count=%d&%s", TASKS, more);
    wire_get(fd, target);
}

static bool is_answered(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, 0) == 1;
}

/* Each takes two turns of its own. Before there were turns between requests, none or two were
   served: the many were all started before anybody else went on. */
static void small_requests_are_served_beside_a_large_one(void **state)
{
    struct service service;
    int served = 0;
    (void)state;
    start_one_loop(&service);
    int large = raw_connect(&service);
    int small = raw_connect(&service);
    wire_get(small, "/hi?delay=0");
    assert_int_equal(wire_status(small, SOON_MS), 200);
    ask_for_many(large, "delay=0");
    for (; !is_answered(large); served++) {
        wire_get(small, "/hi?delay=0");
        assert_int_equal(wire_status(small, SOON_MS), 200);
    }
    print_message("%d small requests served beside one of %d tasks\n", served, TASKS);
    assert_true(served >= 10);
    assert_int_equal(wire_status(large, SOON_MS), 200);
    (void)close(small);
    (void)close(large);
    service_stop(&service);
}

/* Reads to the end, as fast as it can, in a process of its own. */
static pid_t read_elsewhere(int fd)
{
    static char bytes[1 << 20];
    pid_t reader = fork();
    if (reader != 0)
        return reader;
    while (read(fd, bytes, sizeof bytes) > 0)
        ;
    _exit(0);
}

/* An answer leaves in pieces, each in a turn of its own, also when the client takes them all. */
static void small_requests_are_served_beside_a_fast_reader(void **state)
{
    struct service service;
    char request[120];
    int served = 0;
    (void)state;
    start_one_loop(&service);
    int large = raw_connect(&service);
    int small = raw_connect(&service);
    (void)snprintf(request, sizeof request,
                   "GET /parallel?count=%d&delay=0&timeline=true HTTP/1.1\r\nHost: test\r\n"
                   "Connection: close\r\n\r\n",
                   TASKS);
    raw_send(large, request);
    while (!is_answered(large))
        test_nap_ms(1);
    pid_t reader = read_elsewhere(large);
    for (; waitpid(reader, NULL, WNOHANG) == 0; served++) {
        wire_get(small, "/hi?delay=0");
        assert_int_equal(wire_status(small, SOON_MS), 200);
    }
    print_message("%d small requests served while an answer was read\n", served);
    assert_true(served >= 60);
    (void)close(small);
    (void)close(large);
    service_stop(&service);
}

static bool is_small(void *context)
{
    return service_resident_bytes(context) < 20000000;
}

static void one_that_is_left_gives_everything_back(void **state)
{
    struct service service;
    (void)state;
    start_one_loop(&service);
    for (int round = 0; round < 3; round++) {
        int large = raw_connect(&service);
        ask_for_many(large, round == 1 ? "delay=0" : "delay=10s");
        struct wire_hope taken = {&service, "/parallel?count=1000000&delay=0&sleep=forgotten", 503};
        test_eventually(wire_is_answered, &taken, SOON_MS, "the tasks are taken");
        test_nap_ms(round * 50);
        wire_reset(large);
        struct wire_hope given = {&service, "/parallel?count=1000000&delay=0&format=text", 200};
        assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
        test_eventually(wire_is_answered, &given, SOON_MS, "the tasks are given back");
        if (!IS_SANITIZED)
            test_eventually(is_small, &service, SOON_MS, "the memory is given back");
    }
    service_stop(&service);
}

/* The loop does not end before what was left is gone. */
static void the_end_waits_for_one_that_is_left(void **state)
{
    struct service service;
    (void)state;
    start_one_loop(&service);
    int large = raw_connect(&service);
    ask_for_many(large, "delay=10s");
    test_nap_ms(100);
    wire_reset(large);
    service_stop(&service);
}

static void one_that_the_drain_gives_up_is_told_so(void **state)
{
    const char *const arguments[] = {"--max-count", "1000000", "--drain-timeout", "100ms", NULL};
    struct service service;
    (void)state;
    service_start(&service, arguments);
    int large = raw_connect(&service);
    ask_for_many(large, "delay=10s");
    test_nap_ms(100);
    service_signal(&service, SIGTERM);
    assert_int_equal(wire_status(large, SOON_MS), 503);
    assert_int_equal(service_wait(&service, SOON_MS), 0);
    (void)close(large);
}

static void limit_memory(const struct service *service, rlim_t more_bytes)
{
    char path[64];
    unsigned long long pages = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)service->pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%llu", &pages), 1);
    (void)fclose(file);
    rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + more_bytes;
    assert_int_equal(prlimit(service->pid, RLIMIT_AS, &(struct rlimit){most, most}, NULL), 0);
}

static void expect_no_memory(const struct service *service, const char *target)
{
    struct reply reply = wire_ask(service, target);
    wire_expect_busy(&reply, "no memory for 1000000 tasks");
    reply_free(&reply);
}

/* It is refused, whoever asks for less is served, and it is nobody's end. */
static void one_that_there_is_no_memory_for(void **state)
{
    struct service service;
    (void)state;
    if (IS_SANITIZED)
        skip();
    start_one_loop(&service);
    limit_memory(&service, 40000000);
    for (int round = 0; round < 3; round++) {
        expect_no_memory(&service, "/parallel?count=1000000&delay=0");
        expect_no_memory(&service, "/parallel?count=1000000&delay=0&sleep=blocking");
        assert_int_equal(wire_ask_status(&service, "/parallel?count=100000&delay=0"), 200);
        assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    }
    struct answer answer = http_get(&service, "/metrics");
    assert_non_null(strstr(answer.body, "awaitd_requests_rejected_total{reason=\"memory\"} 6\n"));
    assert_non_null(strstr(answer.body, "awaitd_tasks_active 0\n"));
    answer_free(&answer);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_requests_are_served_beside_a_large_one),
        cmocka_unit_test(small_requests_are_served_beside_a_fast_reader),
        cmocka_unit_test(one_that_is_left_gives_everything_back),
        cmocka_unit_test(the_end_waits_for_one_that_is_left),
        cmocka_unit_test(one_that_the_drain_gives_up_is_told_so),
        cmocka_unit_test(one_that_there_is_no_memory_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
