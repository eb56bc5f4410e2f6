/*
 * The log: no line is lost or torn, whoever writes it; when nobody reads, lines are dropped,
 * counted and the count is told, and neither the writers nor the end of the process wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/control.h"

#include "async/clock.h"
#include "server/telemetry/log.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SECOND_NS INT64_C(1000000000)

#define WRITERS      4
#define LINES_EACH   5000
#define LINE_BYTES   1024
#define ENOUGH_LINES 6000 /* of LINE_BYTES: more than a pipe and both buffers hold together */

/* ---- nothing is lost ------------------------------------------------------------------------ */

struct writer {
    struct log_buffer *buffer;
    int name;
    pthread_t thread;
};

static void *write_lines(void *argument)
{
    const struct writer *writer = argument;
    char line[64];
    for (int i = 0; i < LINES_EACH; i++) {
        int length = snprintf(line, sizeof line, "writer %d says %d\n", writer->name, i);
        log_write(writer->buffer, line, (size_t)length);
        if (i % 7 == 0)
            log_hand_over(writer->buffer);
    }
    log_hand_over(writer->buffer);
    return NULL;
}

static void run_writers(struct log *log)
{
    struct writer writers[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.buffer = &log->buffers[i], .name = i};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_lines, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_join(writers[i].thread, NULL), 0);
}

static void every_line_is_written_whole_and_in_order(void **state)
{
    (void)state;
    struct log log;
    FILE *file = tmpfile();
    assert_int_equal(log_start(&log, fileno(file), false, WRITERS), 0);
    run_writers(&log);
    log_stop(&log);
    rewind(file);
    int next[WRITERS] = {0};
    int name;
    int number;
    while (fscanf(file, "writer %d says %d\n", &name, &number) == 2) {
        assert_in_range(name, 0, WRITERS - 1);
        assert_int_equal(number, next[name]++);
    }
    assert_true(feof(file));
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(next[i], LINES_EACH);
    (void)fclose(file);
}

static bool is_readable(int fd, int timeout_ms)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    return poll(&waiting, 1, timeout_ms) == 1;
}

static void a_single_line_comes_without_another(void **state)
{
    (void)state;
    struct log log;
    int fds[2];
    char line[16] = "";
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(log_start(&log, fds[1], false, 1), 0);
    for (int i = 0; i < 3; i++) {
        log_write(&log.buffers[0], "alone\n", 6);
        log_hand_over(&log.buffers[0]);
        assert_true(is_readable(fds[0], 5000));
        assert_int_equal(read(fds[0], line, sizeof line), 6);
        assert_memory_equal(line, "alone\n", 6);
    }
    log_stop(&log);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

/* At full speed the time for which lines are gathered would be enough to fill the buffer. */
static void many_lines_are_not_kept_waiting(void **state)
{
    (void)state;
    struct log log;
    FILE *file = tmpfile();
    char line[LINE_BYTES];
    memset(line, 'x', sizeof line);
    assert_int_equal(log_start(&log, fileno(file), false, 1), 0);
    log.gather_ns = 3600 * SECOND_NS;
    for (size_t bytes = 0; bytes < LOG_BUFFER_BYTES / 4; bytes += sizeof line) {
        log_write(&log.buffers[0], line, sizeof line);
        log_hand_over(&log.buffers[0]);
    }
    for (int i = 0; i < 5000 && lseek(fileno(file), 0, SEEK_END) == 0; i++)
        (void)usleep(1000);
    assert_true(lseek(fileno(file), 0, SEEK_END) > 0);
    log_stop(&log);
    (void)fclose(file);
}

/* ---- nobody reads --------------------------------------------------------------------------- */

/* The writer may be stuck in write() past the end of a test, so what it
   uses is not on the stack. */
static struct log stuck;
static int stuck_pipe[2];

static void start_stuck_log(bool json)
{
    assert_int_equal(pipe(stuck_pipe), 0);
    assert_int_equal(log_start(&stuck, stuck_pipe[1], json, 1), 0);
}

static int write_numbered_lines(void)
{
    char line[LINE_BYTES];
    memset(line, ' ', sizeof line);
    line[LINE_BYTES - 1] = '\n';
    for (int i = 0; i < ENOUGH_LINES; i++) {
        line[sprintf(line, "line %06d", i)] = ' ';
        log_write(&stuck.buffers[0], line, sizeof line);
    }
    log_hand_over(&stuck.buffers[0]);
    return ENOUGH_LINES;
}

static int count_of(const char *text, const char *word)
{
    int count = 0;
    while ((text = strstr(text, word)) != NULL) {
        text += strlen(word);
        count++;
    }
    return count;
}

/* The sum of all numbers that stand behind `before`. */
static int sum_of(const char *text, const char *before)
{
    int sum = 0;
    while ((text = strstr(text, before)) != NULL) {
        text += strlen(before);
        sum += atoi(text);
    }
    return sum;
}

/* What is accounted for by the whole lines of `text`; `*next` is where the rest begins. */
static int account_for(char *text, const char *before, int *dropped, char **next)
{
    char *end = strrchr(text, '\n');
    *next = end == NULL ? text : end + 1;
    char first_of_rest = **next;
    **next = '\0';
    int told = sum_of(text, before);
    int lines = count_of(text, "line 0") + told;
    **next = first_of_rest;
    *dropped += told;
    return lines;
}

/* Reads until every line was either read or told to be dropped; no further line is written. */
static void check_dropped_lines_are_told(bool json, const char *before)
{
    size_t room = (size_t)2 * LINE_BYTES * ENOUGH_LINES;
    char *text = calloc(room, 1);
    char *rest = text;
    char *at = text;
    int found = 0;
    int dropped = 0;
    start_stuck_log(json);
    int written = write_numbered_lines();
    while (found < written) {
        assert_true(is_readable(stuck_pipe[0], 5000));
        ssize_t got = read(stuck_pipe[0], at, room - 1 - (size_t)(at - text));
        assert_true(got > 0);
        at += got;
        found += account_for(rest, before, &dropped, &rest);
    }
    assert_int_equal(found, written);
    assert_true(dropped > 0);
    free(text);
    log_stop(&stuck);
    (void)close(stuck_pipe[0]);
    (void)close(stuck_pipe[1]);
}

static void dropped_lines_are_counted_and_told(void **state)
{
    (void)state;
    check_dropped_lines_are_told(false, "awaitd: ");
    check_dropped_lines_are_told(true,
                                 "\"level\":\"warn\",\"msg\":\"log lines dropped\",\"lines\":");
}

/* Nobody reads: whoever waited would wait for ever, and alarm() would end the test. */
static void writers_never_wait(void **state)
{
    (void)state;
    start_stuck_log(false);
    (void)alarm(30);
    (void)write_numbered_lines();
    (void)write_numbered_lines();
    (void)alarm(0);
    (void)close(stuck_pipe[0]);
    log_stop(&stuck);
    (void)close(stuck_pipe[1]);
}

/* What log_stop() leaves to the end of the process, once its writer is stuck no more. */
static void clean_up_after_stuck_writer(void)
{
    (void)close(stuck_pipe[0]);
    assert_int_equal(pthread_join(stuck.thread, NULL), 0);
    free(stuck.memory);
    free(stuck.buffers);
    (void)close(stuck_pipe[1]);
}

static void the_end_waits_a_second_for_a_stuck_writer(void **state)
{
    (void)state;
    start_stuck_log(false);
    (void)write_numbered_lines();
    struct control control;
    control_begin(&control);
    int64_t before_ns = clock_now_ns();
    log_stop(&stuck);
    int64_t took_ns = clock_now_ns() - before_ns;
    double late_seconds = control_end(&control);
    assert_true(took_ns > SECOND_NS * 9 / 10);
    assert_prompt((double)took_ns / 1e9, 2.5, late_seconds);
    clean_up_after_stuck_writer();
}

/* The reader of the log has ended: lines are lost, and that is all. main() ignores SIGPIPE. */
static void a_closed_log_holds_up_nobody(void **state)
{
    (void)state;
    start_stuck_log(false);
    (void)close(stuck_pipe[0]);
    (void)write_numbered_lines();
    struct control control;
    control_begin(&control);
    int64_t before_ns = clock_now_ns();
    log_stop(&stuck);
    int64_t took_ns = clock_now_ns() - before_ns;
    /* It need not wait out the second that a stuck writer gets. */
    assert_prompt((double)took_ns / 1e9, 0.8, control_end(&control));
    (void)close(stuck_pipe[1]);
}

/* ---- a full disk ---------------------------------------------------------------------------- */

static void limit_file_bytes(rlim_t bytes)
{
    const struct rlimit limit = {bytes, RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void write_and_wait(struct log *log, const char *line, uint64_t dropped)
{
    log_write(&log->buffers[0], line, strlen(line));
    log_hand_over(&log->buffers[0]);
    for (int i = 0; i < 1000 && log_dropped(log) < dropped; i++)
        (void)poll(NULL, 0, 5);
    assert_int_equal(log_dropped(log), dropped);
}

/* The third line is cut in its middle, the fourth has no room at all; then there is room again. */
static void what_a_full_disk_refuses_is_counted_and_told(void **state)
{
    (void)state;
    struct log log;
    char text[256] = "";
    FILE *file = tmpfile();
    assert_int_equal(log_start(&log, fileno(file), false, 1), 0);
    limit_file_bytes(15);
    write_and_wait(&log, "first\nsecond\nthird\n", 1);
    write_and_wait(&log, "fourth\n", 2);
    limit_file_bytes(RLIM_INFINITY);
    write_and_wait(&log, "fifth\n", 2);
    log_stop(&log);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    static const char written[] = "first\nsecond\nth\nfifth\n";
    static const char told[] = "Z awaitd: 2 log lines dropped\n";
    assert_memory_equal(text, written, sizeof written - 1);
    assert_string_equal(strchr(text, 'Z'), told);
    (void)fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_written_whole_and_in_order),
        cmocka_unit_test(a_single_line_comes_without_another),
        cmocka_unit_test(many_lines_are_not_kept_waiting),
        cmocka_unit_test(dropped_lines_are_counted_and_told),
        cmocka_unit_test(writers_never_wait),
        cmocka_unit_test(the_end_waits_a_second_for_a_stuck_writer),
        cmocka_unit_test(a_closed_log_holds_up_nobody),
        cmocka_unit_test(what_a_full_disk_refuses_is_counted_and_told),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
