/*
 * The log cannot be written: the disk is full, standard output is closed, the pipe's reader has
 * left or does not read. awaitd serves on, counts the lines that are lost, says so in the log when
 * it can be written again, and ends as it should.
 */
#include "tests/support/handover.h"
#include "tests/support/http.h"
#include "tests/support/metric.h"
#include "tests/support/wire.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON_MS 10000
#define DROPPED "awaitd_log_dropped_lines_total"

static const char *const json_log[] = {"--log", "json", "--threads", "2", NULL};

static int start_with_output(struct service *service, int output)
{
    int fd = handover_listen(0);
    const struct handover handover = {.arguments = json_log, .fd = fd};
    handover_start_blind(service, &handover, output);
    return fd;
}

static void ask_with_lines(const struct service *service, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(wire_ask_status(service, "/hi?delay=0"), 200);
}

/* Each line of `path` is whole; returns the sum of the lines that it says were dropped, -1 when it
   says nothing, and counts those of requests. */
static double read_log(const char *path, int *requests)
{
    char line[4096];
    double dropped = -1;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (*requests = 0; fgets(line, sizeof line, file) != NULL;) {
        json_t *json = json_loads(line, 0, NULL);
        const char *message = json_string_value(json_object_get(json, "msg"));
        bool tells = message != NULL && strcmp(message, "log lines dropped") == 0;
        *requests += message != NULL && strcmp(message, "request") == 0;
        if (tells)
            dropped = (dropped < 0 ? 0 : dropped) +
                      (double)json_integer_value(json_object_get(json, "lines"));
        json_decref(json);
    }
    (void)fclose(file);
    return dropped;
}

/* Nothing is lost without a word: each request has its line, or is among those that are counted. */
static void expect_every_line_is_accounted_for(struct service *service, const char *path, int asked)
{
    int requests = 0;
    double dropped = metric_of(service, DROPPED);
    service_stop(service);
    assert_true(dropped > 0);
    assert_true(read_log(path, &requests) == dropped);
    assert_int_equal(requests + (int)dropped, asked);
}

/* ---- no room --------------------------------------------------------------------------------- */

static void limit_file_bytes(const struct service *service, rlim_t bytes)
{
    const struct rlimit limit = {bytes, RLIM_INFINITY};
    assert_int_equal(prlimit(service->pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

/* As under `ulimit -f`; without a handler SIGXFSZ would end the process. */
static void a_file_that_may_not_grow(void **state)
{
    char folder[TEST_FOLDER_BYTES];
    char path[64];
    struct service service;
    (void)state;
    test_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/log", folder);
    int output = open(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    int fd = start_with_output(&service, output);
    ask_with_lines(&service, 5);
    limit_file_bytes(&service, 3000);
    ask_with_lines(&service, 100);
    struct metric_hope lost = {&service, DROPPED, 80, true};
    test_eventually(metric_is, &lost, SOON_MS, "lines are counted as dropped");
    limit_file_bytes(&service, RLIM_INFINITY);
    ask_with_lines(&service, 5);
    expect_every_line_is_accounted_for(&service, path, 110);
    (void)close(fd);
    (void)close(output);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void fill(const char *path)
{
    char block[4096] = "";
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, block, sizeof block) > 0)
        ;
    (void)close(fd);
}

/* A disk of 64 KiB; only root may have one made. */
static void a_full_disk(void **state)
{
    char folder[TEST_FOLDER_BYTES];
    char path[64];
    char filler[64];
    struct service service;
    (void)state;
    test_make_folder(folder);
    if (mount("none", folder, "tmpfs", 0, "size=64k") != 0) {
        (void)rmdir(folder);
        print_message("SKIP: a file system cannot be mounted here\n");
        skip();
    }
    (void)snprintf(path, sizeof path, "%s/log", folder);
    (void)snprintf(filler, sizeof filler, "%s/filler", folder);
    int output = open(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    int fd = start_with_output(&service, output);
    ask_with_lines(&service, 5);
    fill(filler);
    ask_with_lines(&service, 100);
    struct metric_hope lost = {&service, DROPPED, 80, true};
    test_eventually(metric_is, &lost, SOON_MS, "lines are counted as dropped");
    (void)unlink(filler);
    ask_with_lines(&service, 5);
    expect_every_line_is_accounted_for(&service, path, 110);
    (void)close(fd);
    (void)close(output);
    assert_int_equal(umount(folder), 0);
    (void)rmdir(folder);
}

/* Full from the first line to the last. */
static void dev_full(void **state)
{
    struct service service;
    (void)state;
    int output = open("/dev/full", O_WRONLY | O_CLOEXEC);
    int fd = start_with_output(&service, output);
    ask_with_lines(&service, 50);
    struct metric_hope lost = {&service, DROPPED, 50, true};
    test_eventually(metric_is, &lost, SOON_MS, "all lines are counted as dropped");
    service_stop(&service);
    (void)close(fd);
    (void)close(output);
}

/* ---- no reader ------------------------------------------------------------------------------- */

static void expect_nowhere(const struct service *service, int fd)
{
    char link[64];
    char target[64] = "";
    (void)snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)service->pid, fd);
    assert_true(readlink(link, target, sizeof target - 1) > 0);
    assert_string_equal(target, "/dev/null");
}

/* Else whatever is opened next would get the number 1, and the log's bytes. */
static void standard_output_is_closed(void **state)
{
    struct service service;
    (void)state;
    int fd = start_with_output(&service, HANDOVER_NOTHING);
    expect_nowhere(&service, STDOUT_FILENO);
    for (int i = 0; i < 20; i++) {
        struct reply reply = wire_ask(&service, "/hi?delay=1ms");
        assert_int_equal(reply.status, 200);
        assert_int_equal(strncmp(reply.head, "HTTP/1.1 200 OK\r\n", 17), 0);
        reply_free(&reply);
    }
    int silent = raw_connect(&service);
    ask_with_lines(&service, 50);
    assert_false(raw_is_closed(silent, 100));
    char seen;
    assert_int_equal(recv(silent, &seen, 1, MSG_DONTWAIT), -1);
    (void)close(silent);
    service_stop(&service);
    (void)close(fd);
}

static void the_pipes_reader_has_left(void **state)
{
    struct service service;
    int ends[2];
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    int fd = start_with_output(&service, ends[1]);
    (void)close(ends[1]);
    ask_with_lines(&service, 10);
    (void)close(ends[0]);
    ask_with_lines(&service, 50);
    struct metric_hope lost = {&service, DROPPED, 50, true};
    test_eventually(metric_is, &lost, SOON_MS, "lines are counted as dropped");
    service_stop(&service);
    (void)close(fd);
}

/* Its end is not held up either; what the pipe and the buffers have room for is not lost. */
static void the_pipe_is_not_read(void **state)
{
    struct service service;
    int ends[2];
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) >= 4096);
    int fd = start_with_output(&service, ends[1]);
    ask_with_lines(&service, 200);
    service_signal(&service, SIGTERM);
    assert_int_equal(service_wait(&service, 20000), 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_that_may_not_grow),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(dev_full),
        cmocka_unit_test(standard_output_is_closed),
        cmocka_unit_test(the_pipes_reader_has_left),
        cmocka_unit_test(the_pipe_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
