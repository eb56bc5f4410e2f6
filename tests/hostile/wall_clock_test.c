/*
 * The wall clock is set forth and back by an hour while awaitd works: no sleep ends early or hangs,
 * time-outs hold, and it stops when told to. The clock is that of the process under test alone
 * (tests/support/preload/wall_clock.c).
 */
#include "tests/support/http.h"
#include "tests/support/wire.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SOON_MS      10000
#define HOUR_SECONDS 3600

struct wall_clock {
    char folder[TEST_FOLDER_BYTES];
    char path[64];
    _Atomic int64_t *offset_seconds;
    atomic_bool is_over;
    pthread_t thread;
};

static void wall_clock_open(struct wall_clock *clock)
{
    test_make_folder(clock->folder);
    (void)snprintf(clock->path, sizeof clock->path, "%s/clock", clock->folder);
    int fd = open(clock->path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, sizeof *clock->offset_seconds), 0);
    clock->offset_seconds =
        mmap(NULL, sizeof *clock->offset_seconds, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(clock->offset_seconds != MAP_FAILED);
    (void)close(fd);
}

static void wall_clock_close(struct wall_clock *clock)
{
    (void)munmap((void *)clock->offset_seconds, sizeof *clock->offset_seconds);
    (void)unlink(clock->path);
    (void)rmdir(clock->folder);
}

/* Only what is started in between is under it. */
static void start_under(const struct wall_clock *clock, struct service *service,
                        const char *const *arguments)
{
    (void)setenv("TEST_WALL_CLOCK", clock->path, 1);
    (void)setenv("LD_PRELOAD", AWAITD_WALL_CLOCK_LIBRARY, 1);
    service_start(service, arguments);
    (void)unsetenv("LD_PRELOAD");
    (void)unsetenv("TEST_WALL_CLOCK");
}

/* Forth and back by an hour, at every moment of a turn. */
static void *keep_setting(void *argument)
{
    struct wall_clock *clock = argument;
    for (int64_t i = 0; !atomic_load(&clock->is_over); i++) {
        atomic_store(clock->offset_seconds, (i % 3 - 1) * HOUR_SECONDS);
        test_nap_ms(7);
    }
    return NULL;
}

static void start_setting(struct wall_clock *clock)
{
    atomic_store(&clock->is_over, false);
    assert_int_equal(pthread_create(&clock->thread, NULL, keep_setting, clock), 0);
}

static void stop_setting(struct wall_clock *clock)
{
    atomic_store(&clock->is_over, true);
    assert_int_equal(pthread_join(clock->thread, NULL), 0);
}

/* ---- that it works --------------------------------------------------------------------------- */

/* The time of a log line: "2024-02-29T23:59:59.123Z". */
static time_t logged_time(const struct service *service)
{
    char line[1024];
    struct tm utc = {0};
    assert_non_null(fgets(line, sizeof line, service->output));
    assert_non_null(strptime(line, "%Y-%m-%dT%H:%M:%S", &utc));
    return timegm(&utc);
}

static time_t time_of_next_line(const struct service *service)
{
    assert_int_equal(wire_ask_status(service, "/hi?delay=0"), 200);
    return logged_time(service);
}

/* The log shows the wall clock, so that it can be seen to be another. */
static void the_log_follows_the_wall_clock(void **state)
{
    struct wall_clock clock;
    struct service service;
    (void)state;
    wall_clock_open(&clock);
    start_under(&clock, &service, (const char *const[]){"--log", "text", NULL});
    time_t first = time_of_next_line(&service);
    atomic_store(clock.offset_seconds, -HOUR_SECONDS);
    time_t before = time_of_next_line(&service);
    atomic_store(clock.offset_seconds, HOUR_SECONDS);
    time_t after = time_of_next_line(&service);
    assert_in_range(first - before, HOUR_SECONDS - 60, HOUR_SECONDS);
    assert_in_range(after - first, HOUR_SECONDS, HOUR_SECONDS + 60);
    service_stop(&service);
    wall_clock_close(&clock);
}

/* ---- what must not follow it ----------------------------------------------------------------- */

static const struct {
    const char *target;
    int sleeps_ms;
} sleepers[] = {
    {"/hi?delay=300ms", 300},
    {"/parallel?count=100&delay=300ms", 300},
    {"/sequence?count=3&delay=100ms&format=text", 300},
    {"/hi?delay=150ms&sleep=blocking", 150},
    {"/hi?delay=150ms&sleep=blocking", 300}, /* behind the other one */
};

static void sleeps_neither_end_early_nor_hang(void **state)
{
    struct wall_clock clock;
    struct service service;
    (void)state;
    wall_clock_open(&clock);
    start_under(&clock, &service, NULL);
    start_setting(&clock);
    for (int round = 0; round < 5; round++) {
        int fds[COUNT(sleepers)];
        int64_t start_ns[COUNT(sleepers)];
        for (size_t i = 0; i < COUNT(sleepers); i++) {
            fds[i] = raw_connect(&service);
            start_ns[i] = test_now_ns();
            wire_get(fds[i], sleepers[i].target);
        }
        for (size_t i = 0; i < COUNT(sleepers); i++) {
            struct reply reply = wire_read(fds[i], SOON_MS);
            int64_t took_ms = (test_now_ns() - start_ns[i]) / 1000000;
            assert_int_equal(reply.status, 200);
            assert_true(reply.is_whole);
            assert_in_range(took_ms, i < 4 ? sleepers[i].sleeps_ms : 150, SOON_MS);
            reply_free(&reply);
            (void)close(fds[i]);
        }
    }
    stop_setting(&clock);
    service_stop(&service);
    wall_clock_close(&clock);
}

static void time_outs_hold(void **state)
{
    const char *const arguments[] = {"--idle-timeout", "600ms", "--request-timeout", "500ms", NULL};
    struct wall_clock clock;
    struct service service;
    (void)state;
    wall_clock_open(&clock);
    start_under(&clock, &service, arguments);
    start_setting(&clock);
    int64_t start_ns = test_now_ns();
    int idle = raw_connect(&service);
    int slow = raw_connect(&service);
    raw_send(slow, "GET /hi HT");
    assert_int_equal(wire_status(slow, SOON_MS), 408);
    assert_in_range((test_now_ns() - start_ns) / 1000000, 500, SOON_MS);
    assert_true(raw_is_closed(idle, SOON_MS));
    assert_in_range((test_now_ns() - start_ns) / 1000000, 600, SOON_MS);
    (void)close(idle);
    (void)close(slow);
    stop_setting(&clock);
    service_stop(&service);
    wall_clock_close(&clock);
}

/* Set back by an hour as the drain begins, and with a log that is stuck, whose end is waited for.
 */
static void the_end_does_not_wait_for_an_hour(void **state)
{
    const char *const arguments[] = {"--drain-timeout", "300ms", "--log", "text", NULL};
    (void)state;
    for (int64_t offset = -HOUR_SECONDS; offset <= HOUR_SECONDS; offset += 2 * HOUR_SECONDS) {
        struct wall_clock clock;
        struct service service;
        wall_clock_open(&clock);
        atomic_store(clock.offset_seconds, offset);
        start_under(&clock, &service, arguments);
        assert_true(fcntl(fileno(service.output), F_SETPIPE_SZ, 4096) >= 4096);
        for (int i = 0; i < 100; i++)
            assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
        int fd = raw_connect(&service);
        wire_get(fd, "/hi?delay=10s");
        test_nap_ms(20);
        int64_t start_ns = test_now_ns();
        service_signal(&service, SIGTERM);
        atomic_store(clock.offset_seconds, -offset);
        assert_int_equal(wire_status(fd, SOON_MS), 503);
        assert_int_equal(service_wait(&service, SOON_MS), 0);
        /* The drain's time, and a second for the log. */
        assert_in_range((test_now_ns() - start_ns) / 1000000, 1200, SOON_MS);
        (void)close(fd);
        wall_clock_close(&clock);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_follows_the_wall_clock),
        cmocka_unit_test(sleeps_neither_end_early_nor_hang),
        cmocka_unit_test(time_outs_hold),
        cmocka_unit_test(the_end_does_not_wait_for_an_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
