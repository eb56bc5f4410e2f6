/*
 * Signals in every state that awaitd can be in. One to stop drains: what runs is served, and the
 * exit status is 0. Two stop at once: what runs is answered 503, and it is 0 as well. SIGPIPE is
 * nothing, SIGHUP ends it as it ends any process. A loop that is stuck does not keep it from
 * ending.
 */
#include "tests/support/handover.h"
#include "tests/support/http.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SOON_MS      20000

static const char *const arguments[] = {
    "--max-count", "100000", "--write-timeout", "60s", "--drain-timeout", "3s", NULL};

/* ---- the states ------------------------------------------------------------------------------ */

#define CLIENTS 40

struct scene {
    struct service service;
    int fds[CLIENTS];
    int count;
};

static void add_client(struct scene *scene, const char *request)
{
    int fd = raw_connect(&scene->service);
    scene->fds[scene->count++] = fd;
    raw_send(fd, request);
}

static void nobody_is_there(struct scene *scene)
{
    (void)scene;
}

static void connections_idle(struct scene *scene)
{
    for (int i = 0; i < CLIENTS; i++) {
        add_client(scene, "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_int_equal(wire_status(scene->fds[i], SOON_MS), 200);
    }
}

#define WAITING "GET /parallel?count=100&delay=300ms HTTP/1.1\r\nHost: x\r\n\r\n"

static void requests_wait(struct scene *scene)
{
    for (int i = 0; i < CLIENTS; i++)
        add_client(scene, WAITING);
}

static void requests_are_pipelined(struct scene *scene)
{
    for (int i = 0; i < CLIENTS; i++)
        add_client(scene, WAITING WAITING WAITING);
}

static void requests_have_begun(struct scene *scene)
{
    for (int i = 0; i < CLIENTS; i++)
        add_client(scene, "GET /hi?delay=0 HTTP/1.1\r\nHo");
}

/* Some 14 MB each, which nobody reads. */
static void large_answers_are_not_read(struct scene *scene)
{
    for (int i = 0; i < 4; i++)
        add_client(
            scene,
            i % 2 == 0
                ? "GET /parallel?count=100000&delay=0&timeline=true HTTP/1.1\r\nHost: x\r\n\r\n"
                : "GET /parallel?count=100000&delay=0&format=text HTTP/1.1\r\nHost: x\r\n\r\n");
}

static void lines_are_streamed(struct scene *scene)
{
    for (int i = 0; i < CLIENTS; i++)
        add_client(scene,
                   "GET /sequence?count=3&delay=250ms&format=text HTTP/1.1\r\nHost: x\r\n\r\n");
}

static void jobs_are_in_the_cage(struct scene *scene)
{
    for (int i = 0; i < 3; i++)
        add_client(scene, "GET /hi?delay=300ms&sleep=blocking HTTP/1.1\r\nHost: x\r\n\r\n");
}

static const struct {
    const char *name;
    void (*enter)(struct scene *scene);
    int answers; /* 200s that each client is owed when there is time to drain */
} states[] = {
    {"nobody", nobody_is_there, 0},       {"idle", connections_idle, 0},
    {"waiting", requests_wait, 1},        {"pipelined", requests_are_pipelined, 3},
    {"begun", requests_have_begun, 0},    {"not read", large_answers_are_not_read, 0},
    {"streaming", lines_are_streamed, 1}, {"caged", jobs_are_in_the_cage, 1},
};

static void enter(struct scene *scene, size_t state)
{
    scene->count = 0;
    service_start(&scene->service, arguments);
    states[state].enter(scene);
    /* For the half of them to have got there; the others are found on their way. */
    test_nap_ms(state % 2 == 0 ? 100 : 20);
}

static void leave(struct scene *scene)
{
    for (int i = 0; i < scene->count; i++)
        (void)close(scene->fds[i]);
}

static void expect_answers(const struct scene *scene, int each)
{
    for (int i = 0; i < scene->count; i++)
        for (int j = 0; j < each; j++) {
            struct reply reply = wire_read(scene->fds[i], SOON_MS);
            assert_int_equal(reply.status, 200);
            assert_true(reply.is_whole);
            reply_free(&reply);
        }
}

/* ---- the signals ----------------------------------------------------------------------------- */

static void one_signal_drains(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        struct scene scene;
        enter(&scene, i);
        service_signal(&scene.service, i % 2 == 0 ? SIGTERM : SIGINT);
        expect_answers(&scene, states[i].answers);
        int status = service_wait(&scene.service, SOON_MS);
        if (status != 0)
            fail_msg("%s: exit status %d", states[i].name, status);
        leave(&scene);
    }
}

/* 200 where it was faster, 503 or a connection closed; never anything else. */
static void expect_an_end(const struct scene *scene)
{
    for (int i = 0; i < scene->count; i++) {
        struct reply reply = wire_read(scene->fds[i], SOON_MS);
        assert_true(reply.status == 0 || reply.status == 200 || reply.status == 503);
        if (reply.status == 503)
            wire_expect_busy(&reply, "stopping");
        reply_free(&reply);
    }
}

static void a_second_signal_ends_it_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        struct scene scene;
        enter(&scene, i);
        int64_t start_ns = test_now_ns();
        service_signal(&scene.service, SIGTERM);
        test_nap_ms(5 * (int)i);
        service_signal(&scene.service, i % 2 == 0 ? SIGINT : SIGTERM);
        test_nap_ms(20);
        if (i % 3 == 0)
            (void)kill(scene.service.pid, SIGTERM); /* a third, for which it may be too late */
        expect_an_end(&scene);
        int status = service_wait(&scene.service, SOON_MS);
        if (status != 0)
            fail_msg("%s: exit status %d", states[i].name, status);
        print_message("%s: %.2f s\n", states[i].name, (double)(test_now_ns() - start_ns) / 1e9);
        leave(&scene);
    }
}

static void sigpipe_is_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        struct scene scene;
        enter(&scene, i);
        for (int j = 0; j < 20; j++)
            service_signal(&scene.service, SIGPIPE);
        expect_answers(&scene, states[i].answers);
        assert_int_equal(wire_ask_status(&scene.service, "/hi?delay=0"), 200);
        service_signal(&scene.service, SIGTERM);
        service_signal(&scene.service, SIGPIPE);
        leave(&scene);
        assert_int_equal(service_wait(&scene.service, SOON_MS), 0);
    }
}

static void sighup_ends_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        struct scene scene;
        enter(&scene, i);
        service_signal(&scene.service, SIGHUP);
        assert_int_equal(service_wait(&scene.service, SOON_MS), 128 + SIGHUP);
        leave(&scene);
    }
}

/* At any moment of its start: drained before it has served anybody, or not there yet. */
static void while_it_starts(void **state)
{
    static const char *const quiet[] = {"--port", "0", "--host", "127.0.0.1", "--log", "off", NULL};
    const struct handover handover = {.arguments = quiet, .fd = HANDOVER_NOTHING};
    int drained = 0;
    (void)state;
    FILE *nowhere = tmpfile();
    for (int i = 0; i < TIMES(40, 10); i++) {
        struct service service;
        handover_launch(&service, &handover, fileno(nowhere));
        (void)usleep((useconds_t)(i * TIMES(400, 20000)));
        service_signal(&service, i % 2 == 0 ? SIGTERM : SIGINT);
        int status = service_wait(&service, SOON_MS);
        assert_true(status == 0 || status == 128 + SIGTERM || status == 128 + SIGINT);
        drained += status == 0;
    }
    (void)fclose(nowhere);
    print_message("%d had taken their signals by then\n", drained);
    assert_true(drained > 0);
}

/* ---- a stuck loop ---------------------------------------------------------------------------- */

/* The newest thread of it that is not the main one: a loop, as these are started last. */
static pid_t newest_thread(pid_t pid)
{
    char path[64];
    pid_t newest = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        newest = atoi(entry->d_name) > newest ? atoi(entry->d_name) : newest;
    (void)closedir(folder);
    assert_true(newest != pid);
    return newest;
}

/* Stopped for good, as if it spun or waited for ever. */
static bool wedge(pid_t thread)
{
    int status;
    return ptrace(PTRACE_SEIZE, thread, NULL, NULL) == 0 &&
           ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) == 0 &&
           waitpid(thread, &status, __WALL) == thread;
}

/* A tracer is told of a thread's end too, and the process is there until it has listened. */
static bool has_ended(void *context)
{
    const pid_t *thread = context;
    int status;
    return waitpid(*thread, &status, __WALL | WNOHANG) == *thread;
}

/* The watchdog waits three seconds beyond the drain, in a thread that no loop can hold up. The
   other loop's thread has ended by then and was not joined, which is no leak that tsan should name.
 */
static void a_stuck_loop_does_not_keep_it(void **state)
{
    const char *const impatient[] = {"--drain-timeout", "100ms", NULL};
    struct service service;
    (void)state;
    (void)setenv("TSAN_OPTIONS", "report_thread_leaks=0", 1);
    service_start(&service, impatient);
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    pid_t thread = newest_thread(service.pid);
    if (!wedge(thread)) {
        service_stop(&service);
        print_message("SKIP: a thread cannot be traced here\n");
        skip();
    }
    int64_t start_ns = test_now_ns();
    service_signal(&service, SIGTERM);
    test_eventually(has_ended, &thread, SOON_MS,
                    "the process has ended, with the stuck thread in it");
    assert_int_equal(service_wait(&service, SOON_MS), 1);
    assert_in_range((test_now_ns() - start_ns) / 1000000, 2500, 15000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_signal_drains),  cmocka_unit_test(a_second_signal_ends_it_at_once),
        cmocka_unit_test(sigpipe_is_nothing), cmocka_unit_test(sighup_ends_it),
        cmocka_unit_test(while_it_starts),    cmocka_unit_test(a_stuck_loop_does_not_keep_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
