/*
 * What a request costs the kernel: on a connection that is kept alive, one read, one write, and
 * nothing else that grows with the number of requests but waiting. Counted by strace; skipped where
 * nothing may be traced.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/http.h"
#include "tests/support/wire.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUESTS 300

/* Of calls that do not grow with the requests there are some all the same: timers, the start. */
#define FEW (REQUESTS / 5)

struct trace {
    pid_t pid;
    char summary[TEST_FOLDER_BYTES + 16];
    char folder[TEST_FOLDER_BYTES];
};

static void start_trace(struct trace *trace, const struct service *service)
{
    char pid[16];
    test_make_folder(trace->folder);
    (void)snprintf(trace->summary, sizeof trace->summary, "%s/summary", trace->folder);
    (void)snprintf(pid, sizeof pid, "%d", service->pid);
    trace->pid = fork();
    if (trace->pid == 0) {
        (void)execlp("strace", "strace", "-f", "-c", "-qq", "-o", trace->summary, "-p", pid,
                     (char *)NULL);
        _exit(127);
    }
}

/* A traced process names its tracer. */
static bool is_traced(void *context)
{
    const struct service *service = context;
    char path[64];
    char line[128];
    int tracer = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", service->pid);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "TracerPid: %d", &tracer) == 1)
            break;
    if (status != NULL)
        (void)fclose(status);
    return tracer != 0;
}

static bool has_ended(const struct trace *trace)
{
    return waitpid(trace->pid, NULL, WNOHANG) == trace->pid;
}

/* How often `name` was called; strace's table has the name last and the count fourth. */
static long calls_of(const struct trace *trace, const char *name)
{
    char line[256];
    FILE *table = fopen(trace->summary, "r");
    assert_non_null(table);
    long found = 0;
    while (fgets(line, sizeof line, table) != NULL) {
        char called[64] = "";
        long calls = 0;
        char *last = strrchr(line, ' ');
        if (last != NULL && sscanf(last, "%63s", called) == 1 && strcmp(called, name) == 0 &&
            sscanf(line, "%*s %*s %*s %ld", &calls) == 1)
            found = calls;
    }
    (void)fclose(table);
    return found;
}

static void end_trace(struct trace *trace)
{
    (void)kill(trace->pid, SIGINT);
    (void)waitpid(trace->pid, NULL, 0);
}

static void remove_trace(const struct trace *trace)
{
    (void)unlink(trace->summary);
    (void)rmdir(trace->folder);
}

static void expect_about(const struct trace *trace, const char *name, long expected)
{
    long calls = calls_of(trace, name);
    if (calls < expected || calls > expected + FEW)
        fail_msg("%s was called %ld times for %d requests", name, calls, REQUESTS);
}

static void expect_few(const struct trace *trace, const char *name)
{
    long calls = calls_of(trace, name);
    if (calls > FEW)
        fail_msg("%s was called %ld times for %d requests", name, calls, REQUESTS);
}

static void ask_and_count(const char *target, struct trace *trace)
{
    struct service service;
    service_start_bare(&service, (const char *[]){"--threads", "1", "--log", "off", NULL});
    int fd = raw_connect(&service);
    wire_get(fd, target);
    assert_int_equal(wire_status(fd, 5000), 200);
    start_trace(trace, &service);
    for (int i = 0; i < 1000 && !is_traced(&service); i++) {
        if (has_ended(trace)) {
            service_stop(&service);
            remove_trace(trace);
            print_message("SKIP: nothing may be traced here\n");
            skip();
        }
        test_nap_ms(5);
    }
    test_nap_ms(200); /* for its other threads */
    for (int i = 0; i < REQUESTS; i++) {
        wire_get(fd, target);
        assert_int_equal(wire_status(fd, 5000), 200);
    }
    end_trace(trace);
    (void)close(fd);
    service_stop(&service);
}

static void test_a_request_is_one_read_and_one_write(void **state)
{
    (void)state;
    struct trace trace;
    ask_and_count("/hi?delay=0", &trace);
    expect_about(&trace, "read", REQUESTS);
    expect_about(&trace, "writev", REQUESTS);
    expect_few(&trace, "epoll_ctl");
    expect_few(&trace, "timerfd_settime");
    expect_few(&trace, "mprotect");
    expect_few(&trace, "brk");
    remove_trace(&trace);
}

/* A lone sleeper's timer is set, and cleared when it has fired; many sleepers share these calls. */
static void test_a_sleep_is_a_timer_set_and_cleared(void **state)
{
    (void)state;
    struct trace trace;
    ask_and_count("/hi?delay=1ms", &trace);
    expect_about(&trace, "read", REQUESTS);
    expect_about(&trace, "writev", REQUESTS);
    expect_about(&trace, "timerfd_settime", 2 * REQUESTS - FEW / 2);
    expect_few(&trace, "epoll_ctl");
    remove_trace(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_is_one_read_and_one_write),
        cmocka_unit_test(test_a_sleep_is_a_timer_set_and_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
