/*
 * The access log: one line for each request when it ends, whole, whatever the client sent and
 * however many come at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/http.h"
#include <poll.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 16384

static const char *const text_log[] = {"--log=text", NULL};
static const char *const json_log[] = {"--log=json", NULL};

/* The next line of the log, without its newline. */
static void read_line(const struct service *service, char *line)
{
    struct pollfd waiting = {.fd = fileno(service->output), .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 5000), 1);
    assert_non_null(fgets(line, LINE_BYTES, service->output));
    char *end = strchr(line, '\n');
    assert_non_null(end);
    *end = '\0';
}

static json_t *read_json(const struct service *service)
{
    char line[LINE_BYTES];
    read_line(service, line);
    json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    if (json == NULL)
        fail_msg("not JSON: %s", line);
    return json;
}

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text == NULL ? "nothing" : text;
}

static json_int_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static void get(const struct service *service, const char *path, const char *user_agent)
{
    char header[256];
    const char *headers[] = {header, NULL};
    const struct ask ask = {.headers = headers};
    (void)snprintf(header, sizeof header, "User-Agent: %s", user_agent);
    struct answer answer = http_ask(service, path, &ask);
    answer_free(&answer);
}

/* Stops it and returns all that was still to be read. The pipe holds 64 KiB. */
static char *stop_and_read(struct service *service)
{
    size_t room = (size_t)1024 * 1024;
    size_t used = 0;
    char *text = calloc(room, 1);
    int fd = dup(fileno(service->output));
    assert_true(fd >= 0 && text != NULL);
    service_stop(service);
    for (ssize_t got; (got = read(fd, text + used, room - 1 - used)) > 0;)
        used += (size_t)got;
    (void)close(fd);
    return text;
}

/* ---- a line --------------------------------------------------------------------------------- */

static void check_matches(const char *line, const char *pattern)
{
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, line, 0, NULL, 0) != 0)
        fail_msg("'%s' is not like '%s'", line, pattern);
    regfree(&regex);
}

#define TIME "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"

static void a_text_line_says_who_asked_what(void **state)
{
    (void)state;
    char line[LINE_BYTES];
    struct service service;
    service_start(&service, text_log);
    get(&service, "/hi?delay=50ms", "tester/1.0 (test)");
    read_line(&service, line);
    check_matches(line, TIME " 127\\.0\\.0\\.1 \"GET /hi\\?delay=50ms HTTP/1\\.1\" 200 81 B "
                             "[0-9]+\\.[0-9]{3} ms \"tester/1\\.0 \\(test\\)\" [0-9a-f]{32}$");
    get(&service, "/nowhere", "");
    read_line(&service, line);
    check_matches(line, TIME " 127\\.0\\.0\\.1 \"GET /nowhere HTTP/1\\.1\" 404 [0-9]+ B "
                             "[0-9]+\\.[0-9]{3} ms \"\" [0-9a-f]{32}$");
    int fd = raw_connect(&service);
    raw_send(fd, "HEAD /hi?delay=0 HTTP/1.0\r\n\r\n");
    read_line(&service, line);
    check_matches(line, " \"HEAD /hi\\?delay=0 HTTP/1\\.0\" 200 0 B ");
    (void)close(fd);
    service_stop(&service);
}

static void check_json_line(const struct service *service, const char *path, int status,
                            const char *level)
{
    get(service, path, "tester");
    json_t *line = read_json(service);
    assert_int_equal(json_object_size(line), 16);
    check_matches(text_of(line, "time"), TIME "$");
    assert_string_equal(text_of(line, "level"), level);
    assert_string_equal(text_of(line, "msg"), "request");
    assert_string_equal(text_of(line, "method"), "GET");
    assert_string_equal(text_of(line, "uri"), path);
    assert_string_equal(text_of(line, "protocol"), "HTTP/1.1");
    assert_int_equal(number_of(line, "status"), status);
    assert_true(number_of(line, "size_bytes") > 0);
    assert_string_equal(text_of(line, "client_ip"), "127.0.0.1");
    assert_string_equal(text_of(line, "user_agent"), "tester");
    assert_true(json_is_real(json_object_get(line, "duration_ms")));
    json_decref(line);
}

static void a_json_line_says_the_same(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, json_log);
    check_json_line(&service, "/hi?delay=0", 200, "info");
    check_json_line(&service, "/hi?delay=0&format=text", 200, "info");
    check_json_line(&service, "/hi?delay=x", 400, "warn");
    check_json_line(&service, "/nowhere", 404, "warn");
    service_stop(&service);
}

/* From the request's arrival to its last byte; the time is that of its end. */
static void a_line_says_how_long_it_took(void **state)
{
    (void)state;
    struct service service;
    struct tm utc;
    time_t before = time(NULL);
    service_start(&service, json_log);
    int64_t before_ns = test_now_ns();
    get(&service, "/sequence?delay=60ms&count=2", "");
    json_t *line = read_json(&service);
    double seen_ms = (double)(test_now_ns() - before_ns) / 1e6;
    double duration_ms = json_number_value(json_object_get(line, "duration_ms"));
    assert_true(duration_ms >= 120 && duration_ms <= seen_ms);
    assert_non_null(strptime(text_of(line, "time"), "%Y-%m-%dT%H:%M:%S", &utc));
    assert_true(timegm(&utc) >= before && timegm(&utc) <= time(NULL));
    json_decref(line);
    service_stop(&service);
}

/* ---- what clients do ------------------------------------------------------------------------ */

static void check_left(const struct service *service, const char *path)
{
    char request[256];
    int fd = raw_connect(service);
    (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);
    raw_send(fd, request);
    test_nap_ms(100); /* so that it is the waiting that it does not wait for */
    (void)close(fd);
    json_t *line = read_json(service);
    assert_int_equal(number_of(line, "status"), 499);
    assert_string_equal(text_of(line, "uri"), path);
    assert_true(json_number_value(json_object_get(line, "duration_ms")) < 5000);
    json_decref(line);
}

static void a_client_that_left_is_logged_as_499(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, json_log);
    check_left(&service, "/hi?delay=9s");
    check_left(&service, "/hi?delay=9s&format=text");
    check_left(&service, "/hi?delay=9s&sleep=blocking");
    check_left(&service, "/parallel?delay=9s&count=1000");
    service_stop(&service);
}

/* Nothing that a client sends ends a line, or reaches a terminal as it is. */
static void control_characters_are_escaped(void **state)
{
    (void)state;
    static const char request[] = "GET /hi?delay=\"\\\x80\xc3\xa9%0a HTTP/1.1\r\nHost: x\r\n"
                                  "User-Agent: \"\\\t\x9b[31m\xff\r\nConnection: close\r\n\r\n";
    char answer[4096];
    char line[LINE_BYTES];
    struct service service;
    service_start(&service, text_log);
    raw_exchange(&service, request, answer, sizeof answer);
    read_line(&service, line);
    assert_non_null(strstr(line, "/hi?delay=\\\"\\\\\\u0080\\u00c3\\u00a9%0a HTTP/1.1\" 400 "));
    assert_non_null(strstr(line, " ms \"\\\"\\\\\\u0009\\u009b[31m\\u00ff\""));
    service_stop(&service);
    service_start(&service, json_log);
    raw_exchange(&service, request, answer, sizeof answer);
    json_t *json = read_json(&service);
    assert_string_equal(text_of(json, "user_agent"), "\"\\\t\xc2\x9b[31m\xc3\xbf");
    json_decref(json);
    service_stop(&service);
}

/* What is too long is cut, and the line stays a line. */
static void long_fields_are_cut(void **state)
{
    (void)state;
    char path[3000] = "/hi?";
    struct service service;
    memset(path + 4, '"', sizeof path - 5);
    path[sizeof path - 1] = '\0';
    service_start(&service, json_log);
    get(&service, path, path);
    json_t *line = read_json(&service);
    assert_int_equal(number_of(line, "status"), 400);
    assert_in_range(strlen(text_of(line, "uri")), 100, sizeof path - 100);
    json_decref(line);
    service_stop(&service);
}

/* Also what libh2o refuses before it gets to us. */
static void a_broken_body_is_logged(void **state)
{
    (void)state;
    char answer[4096];
    struct service service;
    service_start(&service, json_log);
    raw_exchange(&service,
                 "POST /hi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
                 answer, sizeof answer);
    json_t *line = read_json(&service);
    assert_int_equal(number_of(line, "status"), 400);
    assert_string_equal(text_of(line, "method"), "POST");
    json_decref(line);
    service_stop(&service);
}

/* ---- all of them ---------------------------------------------------------------------------- */

#define MANY 150 /* their lines fit into a pipe that nobody reads */

static void every_request_has_one_line(void **state)
{
    (void)state;
    struct service service;
    const struct ask plain = {0};
    int lines = 0;
    service_start(&service, json_log);
    struct answer *answers = http_many(&service, "/hi?delay=100ms", &plain, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(answers[i].status, 200);
        answer_free(&answers[i]);
    }
    free(answers);
    char *text = stop_and_read(&service);
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n")) != NULL && *line != '\0'; lines++) {
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        if (lines < MANY) {
            assert_string_equal(text_of(json, "uri"), "/hi?delay=100ms");
            assert_int_equal(number_of(json, "status"), 200);
        } else {
            assert_string_not_equal(text_of(json, "msg"), "request");
        }
        json_decref(json);
    }
    assert_int_equal(lines, MANY + 3); /* told to stop, draining, stopped */
    free(text);
}

static void off_is_off(void **state)
{
    (void)state;
    static const char *const no_log[] = {"--log=off", NULL};
    struct service service;
    service_start(&service, no_log);
    get(&service, "/hi?delay=0", "");
    get(&service, "/nowhere", "");
    char *text = stop_and_read(&service);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_line_says_who_asked_what),
        cmocka_unit_test(a_json_line_says_the_same),
        cmocka_unit_test(a_line_says_how_long_it_took),
        cmocka_unit_test(a_client_that_left_is_logged_as_499),
        cmocka_unit_test(control_characters_are_escaped),
        cmocka_unit_test(long_fields_are_cut),
        cmocka_unit_test(a_broken_body_is_logged),
        cmocka_unit_test(every_request_has_one_line),
        cmocka_unit_test(off_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
