/*
 * The text view is live: each line leaves the moment it is said, as `curl -N` shows. Read from bare
 * sockets, where it can be seen what has come and what has not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES 8192

static int ask(const char *path, const char *version)
{
    char request[256];
    int fd = raw_connect(&service);
    (void)snprintf(request, sizeof request, "GET %s HTTP/%s\r\nHost: x\r\n\r\n", path, version);
    raw_send(fd, request);
    return fd;
}

static bool has(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
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

/* ---- line by line --------------------------------------------------------------------------- */

/* Hello is there while World is still to come, and World comes no sooner than it is said. */
static void check_hello_before_world(const char *path, double delay_s)
{
    char text[TEXT_BYTES] = "";
    int64_t before_ns = test_now_ns();
    int fd = ask(path, "1.1");
    raw_read_until(fd, text, sizeof text, "Hello\n", 10000);
    assert_true(has(text, "HTTP/1.1 200 OK\r\n"));
    assert_false(has(text, "World"));
    assert_false(has(text, "elapsed"));
    raw_read_until(fd, text, sizeof text, "World\n", 10000);
    assert_true((double)(test_now_ns() - before_ns) / 1e9 >= delay_s);
    raw_read_until(fd, text, sizeof text, "elapsed: ", 10000);
    (void)close(fd);
}

static void a_line_comes_when_it_is_said(void **state)
{
    (void)state;
    check_hello_before_world("/hi?delay=700ms&format=text", 0.7);
    check_hello_before_world("/hi?delay=700ms&format=text&timeline=true", 0.7);
}

static void a_line_comes_from_the_cage_too(void **state)
{
    (void)state;
    check_hello_before_world("/hi?delay=700ms&format=text&sleep=blocking", 0.7);
}

/* Shown by one thread while another still says it. */
static void a_long_one_comes_whole_from_the_cage(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct answer answer =
            http_get(&service, "/sequence?count=1000&delay=20us&sleep=blocking&format=text");
        assert_int_equal(answer.status, 200);
        assert_int_equal(count_of(answer.body, "Hello\nWorld\n"), 1000);
        assert_memory_equal(answer.body + 12000, "loop blocked: 0.", 16);
        answer_free(&answer);
    }
}

/* Each World is followed by the next Hello at once, and by the next World a delay later. */
static void a_sequence_is_seen_step_by_step(void **state)
{
    (void)state;
    char text[TEXT_BYTES] = "";
    int64_t before_ns = test_now_ns();
    int fd = ask("/sequence?delay=200ms,600ms,10ms&format=text&timeline=true", "1.1");
    raw_read_until(fd, text, sizeof text, "task 1  World\n", 10000);
    raw_read_until(fd, text, sizeof text, "task 2  Hello\n", 10000);
    assert_false(has(text, "task 2  World\n"));
    raw_read_until(fd, text, sizeof text, "task 3  World\n", 10000);
    assert_true(test_now_ns() - before_ns >= 810000000);
    (void)close(fd);
}

static void the_first_of_many_is_seen_before_the_last(void **state)
{
    (void)state;
    char text[TEXT_BYTES] = "";
    int fd = ask("/parallel?delay=900ms,100ms&format=text&timeline=true", "1.1");
    raw_read_until(fd, text, sizeof text, "task 2  World\n", 10000);
    assert_true(has(text, "task 1  Hello\n"));
    assert_false(has(text, "task 1  World\n"));
    raw_read_until(fd, text, sizeof text, "task 1  World\n", 10000);
    (void)close(fd);
}

/* ---- how it is sent ------------------------------------------------------------------------- */

/* Puts the chunks of a body together, in place; asserts that each is whole and that the last is
   empty. */
static void join_chunks(char *body)
{
    char *from = body;
    char *to = body;
    for (;;) {
        char *end;
        size_t length = strtoul(from, &end, 16);
        assert_true(end > from && memcmp(end, "\r\n", 2) == 0);
        from = end + 2;
        assert_true(strnlen(from, length + 2) == length + 2);
        assert_memory_equal(from + length, "\r\n", 2);
        memmove(to, from, length);
        to += length;
        from += length + 2;
        if (length == 0)
            break;
    }
    assert_string_equal(from, "");
    *to = '\0';
}

/* "elapsed: 0.100 s", the last line: no less than was asked for, and no more than since the test
   began, but for half of the last digit. */
static void check_last_line(const char *body, double at_least_s, int64_t began_ns)
{
    const char *last = strstr(body, "elapsed: ");
    char *end;
    assert_non_null(last);
    double elapsed_s = strtod(last + strlen("elapsed: "), &end);
    assert_string_equal(end, " s\n");
    double began_s = (double)(test_now_ns() - began_ns) / 1e9;
    assert_true(elapsed_s >= at_least_s && elapsed_s < began_s + 0.0005);
}

static void http_1_1_sends_chunks(void **state)
{
    (void)state;
    int64_t began_ns = test_now_ns();
    char text[TEXT_BYTES] = "";
    int fd = ask("/sequence?delay=50ms&count=2&format=text", "1.1");
    raw_read_until(fd, text, sizeof text, "\r\n0\r\n\r\n", 10000);
    char *body = strstr(text, "\r\n\r\n") + 4;
    assert_non_null(strcasestr(text, "\r\nTransfer-Encoding: chunked\r\n"));
    assert_non_null(strcasestr(text, "\r\nConnection: keep-alive\r\n"));
    join_chunks(body);
    assert_memory_equal(body, "Hello\nWorld\nHello\nWorld\nelapsed: ", 33);
    check_last_line(body, 0.1, began_ns);
    (void)close(fd);
}

static void http_1_0_ends_with_the_connection(void **state)
{
    (void)state;
    int64_t began_ns = test_now_ns();
    char text[TEXT_BYTES];
    int fd = ask("/parallel?delay=50ms&count=2&format=text", "1.0");
    assert_true(raw_read(fd, text, sizeof text, 10000) > 0);
    const char *body = strstr(text, "\r\n\r\n") + 4;
    assert_null(strcasestr(text, "Transfer-Encoding"));
    assert_null(strcasestr(text, "Content-Length"));
    assert_non_null(strcasestr(text, "\r\nConnection: close\r\n"));
    assert_memory_equal(body, "Hello\nHello\nWorld\nWorld\nelapsed: ", 33);
    check_last_line(body, 0.05, began_ns);
    (void)close(fd);
}

/* The stream ends and the connection does not: the next request is answered on it. */
static void the_connection_goes_on_behind_a_stream(void **state)
{
    (void)state;
    char text[TEXT_BYTES] = "";
    int fd = ask("/hi?delay=20ms&format=text", "1.1");
    raw_send(fd, "GET /hi?delay=20ms&format=text&timeline=true HTTP/1.1\r\nHost: x\r\n\r\n"
                 "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    raw_read_until(fd, text, sizeof text, "\"endpoint\": \"hi\"", 10000);
    assert_int_equal(count_of(text, "HTTP/1.1 200 OK\r\n"), 3);
    assert_int_equal(count_of(text, "elapsed: "), 2);
    (void)close(fd);
}

/* ---- what is sent --------------------------------------------------------------------------- */

/* Each line: seconds with six digits, the task, the word; then awaitd's own. */
static void check_timeline(const char *path, int tasks, double delay_s)
{
    int64_t began_ns = test_now_ns();
    struct answer answer = http_get(&service, path);
    double at_s = 0;
    double last_s = 0;
    int task;
    char word[8];
    int used;
    const char *line = answer.body;
    assert_int_equal(answer.status, 200);
    for (int i = 0; i < 2 * tasks; i++, line += used) {
        assert_int_equal(sscanf(line, "%lf s  task %d  %5s%n", &at_s, &task, word, &used), 3);
        assert_string_equal(word, i < tasks ? "Hello" : "World");
        assert_int_equal(task, i % tasks + 1);
        assert_true(at_s >= last_s && (i < tasks || at_s >= delay_s));
        assert_int_equal(line[used++], '\n');
        last_s = at_s;
    }
    check_last_line(line, delay_s, began_ns);
    assert_memory_equal(line, "elapsed: ", 9);
    answer_free(&answer);
}

static void a_timeline_says_when_and_who(void **state)
{
    (void)state;
    check_timeline("/parallel?delay=50ms&count=3&format=text&timeline=true", 3, 0.05);
}

static void a_long_one_is_complete(void **state)
{
    (void)state;
    check_timeline("/parallel?delay=50ms&count=1000&format=text&timeline=true", 1000, 0.05);
    check_timeline("/parallel?delay=0&count=1000&format=text&timeline=true", 1000, 0);
}

static void the_last_lines_say_what_went_wrong(void **state)
{
    (void)state;
    int64_t began_ns = test_now_ns();
    struct answer forgotten = http_get(&service, "/parallel?sleep=forgotten&count=2&format=text");
    assert_memory_equal(forgotten.body,
                        "Hello\nWorld\nHello\nWorld\n"
                        "warning: task 1: sleep was never awaited\n"
                        "warning: task 2: sleep was never awaited\nelapsed: 0.",
                        24 + 41 + 41 + 11);
    answer_free(&forgotten);
    struct answer blocking = http_get(&service, "/hi?sleep=blocking&delay=20ms&format=text");
    assert_memory_equal(blocking.body, "Hello\nWorld\nloop blocked: 0.", 28);
    check_last_line(blocking.body, 0.02, began_ns);
    answer_free(&blocking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_comes_when_it_is_said),
        cmocka_unit_test(a_line_comes_from_the_cage_too),
        cmocka_unit_test(a_long_one_comes_whole_from_the_cage),
        cmocka_unit_test(a_sequence_is_seen_step_by_step),
        cmocka_unit_test(the_first_of_many_is_seen_before_the_last),
        cmocka_unit_test(http_1_1_sends_chunks),
        cmocka_unit_test(http_1_0_ends_with_the_connection),
        cmocka_unit_test(the_connection_goes_on_behind_a_stream),
        cmocka_unit_test(a_timeline_says_when_and_who),
        cmocka_unit_test(a_long_one_is_complete),
        cmocka_unit_test(the_last_lines_say_what_went_wrong),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
