/*
 * What stands around an answer: its headers, to the last one, and what HEAD leaves of it.
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

/* ---- the headers ---------------------------------------------------------------------------- */

struct header {
    const char *name;
    const char *value; /* NULL: any */
};

static void check_header(const struct answer *answer, const struct header *header)
{
    char *value = answer_header(answer, header->name);
    if (value == NULL || (header->value != NULL && strcmp(value, header->value) != 0))
        fail_msg("%s is '%s'", header->name, value == NULL ? "missing" : value);
    free(value);
}

/* These and no others. */
static void check_headers(const struct answer *answer, const struct header *headers, size_t count)
{
    size_t lines = 0;
    for (size_t i = 0; i < count; i++)
        check_header(answer, &headers[i]);
    for (const char *at = answer->headers; (at = strstr(at, "\r\n")) != NULL; at += 2)
        lines++;
    if (lines != count + 2) /* the status line and the empty one */
        fail_msg("more than these: %s", answer->headers);
}

/* A client that waits no longer than that for its next request never meets idle_timeout, 30 s. */
#define EVERY_ANSWERS                                                                              \
    {"Date", NULL}, {"X-Request-Id", NULL}, {"Connection", "keep-alive"},                          \
        {"Keep-Alive", "timeout=29"}, {"Server", "awaitd"}, {"Cache-Control", "no-store"},         \
        {"X-Content-Type-Options", "nosniff"}, {"Access-Control-Allow-Origin", "*"},               \
        {"Access-Control-Expose-Headers",                                                          \
         "X-Request-Id, Server-Timing, Retry-After, Allow, ETag"},                                 \
    {                                                                                              \
        "Timing-Allow-Origin", "*"                                                                 \
    }

static const struct header of_json[] = {
    EVERY_ANSWERS,
    {"Content-Type", "application/json"},
    {"Content-Length", NULL},
    {"Vary", "Accept"},
    {"Server-Timing", NULL},
};

static const struct header of_text[] = {
    EVERY_ANSWERS,
    {"Content-Type", "text/plain; charset=utf-8"},
    {"Vary", "Accept"},
    {"Transfer-Encoding", "chunked"},
    {"X-Accel-Buffering", "no"},
};

/* Its length and its time are known before the first byte is sent, as nothing else is sent. */
static const struct header of_text_head[] = {
    EVERY_ANSWERS,
    {"Content-Type", "text/plain; charset=utf-8"},
    {"Content-Length", NULL},
    {"Vary", "Accept"},
    {"Server-Timing", NULL},
};

static const struct header of_problem[] = {
    EVERY_ANSWERS,
    {"Content-Type", "application/problem+json"},
    {"Content-Length", NULL},
};

static const struct header of_options[] = {
    EVERY_ANSWERS,
    {"Allow", "GET, HEAD, OPTIONS"},
    {"Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"},
    {"Access-Control-Allow-Headers", "*, Authorization"},
    {"Access-Control-Max-Age", "86400"},
};

static const struct header of_wrong_method[] = {
    EVERY_ANSWERS,
    {"Content-Type", "application/problem+json"},
    {"Content-Length", NULL},
    {"Allow", "GET, HEAD, OPTIONS"},
};

struct kind {
    const char *method;
    const char *path;
    long status;
    const struct header *headers;
    size_t count;
};

static const struct kind kinds[] = {
    {"GET", "/hi?delay=20ms", 200, of_json, COUNT(of_json)},
    {"HEAD", "/hi?delay=20ms", 200, of_json, COUNT(of_json)},
    {"GET", "/parallel?delay=20ms&timeline=true", 200, of_json, COUNT(of_json)},
    {"GET", "/hi?delay=20ms&sleep=blocking", 200, of_json, COUNT(of_json)},
    {"HEAD", "/hi?delay=20ms&sleep=blocking", 200, of_json, COUNT(of_json)},
    {"GET", "/hi?delay=20ms&format=text", 200, of_text, COUNT(of_text)},
    {"GET", "/hi?delay=20ms&format=text&sleep=blocking", 200, of_text, COUNT(of_text)},
    {"HEAD", "/hi?delay=20ms&format=text", 200, of_text_head, COUNT(of_text_head)},
    {"GET", "/hi?delay=x", 400, of_problem, COUNT(of_problem)},
    {"HEAD", "/hi?delay=x", 400, of_problem, COUNT(of_problem)},
    {"GET", "/nowhere", 404, of_problem, COUNT(of_problem)},
    {"OPTIONS", "/parallel", 204, of_options, COUNT(of_options)},
    {"OPTIONS", "/nowhere", 404, of_problem, COUNT(of_problem)},
    {"DELETE", "/sequence", 405, of_wrong_method, COUNT(of_wrong_method)},
};

static void every_answer_has_its_headers_and_no_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const struct kind *kind = &kinds[i];
        const struct ask ask = {.method = kind->method};
        struct answer answer = http_ask(&service, kind->path, &ask);
        assert_int_equal(answer.status, kind->status);
        check_headers(&answer, kind->headers, kind->count);
        answer_free(&answer);
    }
}

static void the_length_is_that_of_the_body(void **state)
{
    (void)state;
    static const char *const paths[] = {"/hi?delay=0", "/parallel?delay=0&count=40&timeline=true",
                                        "/hi?delay=x", "/nowhere"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct answer answer = http_get(&service, paths[i]);
        char *length = answer_header(&answer, "Content-Length");
        assert_int_equal(strtoul(length, NULL, 10), answer.body_bytes);
        free(length);
        answer_free(&answer);
    }
}

/* Both are cut from the same nanoseconds: milliseconds with three digits, seconds with nine. */
static void the_timing_is_the_elapsed_time(void **state)
{
    (void)state;
    struct answer answer = http_get(&service, "/hi?delay=30ms");
    char *timing = answer_header(&answer, "Server-Timing");
    json_t *json = answer_json(&answer);
    double elapsed_ms = json_number_value(json_object_get(json, "elapsed_seconds")) * 1000;
    assert_memory_equal(timing, "total;dur=", 10);
    assert_int_equal(strlen(strchr(timing, '.')), 4);
    double timing_ms = strtod(timing + 10, NULL);
    assert_true(timing_ms >= 30);
    assert_true(timing_ms <= elapsed_ms + 1e-9 && timing_ms > elapsed_ms - 0.001001);
    json_decref(json);
    free(timing);
    answer_free(&answer);
}

/* ---- HEAD ----------------------------------------------------------------------------------- */

static const char *const headless[] = {
    "/hi?delay=20ms",
    "/hi?delay=20ms&sleep=blocking",
    "/hi?delay=20ms&format=text",
    "/parallel?delay=20ms&count=1000&timeline=true", /* too long to be shown in one piece */
    "/parallel?delay=20ms&count=1000&timeline=true&format=text",
    "/hi?delay=x",
    "/nowhere",
};

/* On one connection: were there a body, it would stand where the next answer begins. */
static void head_has_no_body_and_the_connection_goes_on(void **state)
{
    (void)state;
    int fd = raw_connect(&service);
    for (size_t i = 0; i < COUNT(headless); i++) {
        char request[256];
        char answer[4096] = "";
        (void)snprintf(request, sizeof request, "HEAD %s HTTP/1.1\r\nHost: x\r\n\r\n", headless[i]);
        raw_send(fd, request);
        raw_read_until(fd, answer, sizeof answer, "\r\n\r\n", 10000);
        assert_memory_equal(answer, "HTTP/1.1 ", 9);
        assert_ptr_equal(strstr(answer, "\r\n\r\n") + 4, answer + strlen(answer));
        assert_non_null(strcasestr(answer, "connection: keep-alive"));
        assert_non_null(strcasestr(answer, "content-length: "));
    }
    char last[4096] = "";
    raw_send(fd, "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    raw_read_until(fd, last, sizeof last, "}\n", 10000);
    assert_memory_equal(last, "HTTP/1.1 200 OK\r\n", 17);
    (void)close(fd);
}

/* HEAD takes the time that GET takes, and says the length that it would have. */
static void head_says_what_get_would(void **state)
{
    (void)state;
    static const char path[] = "/sequence?delay=20ms&count=3&timeline=true";
    const struct ask ask = {.method = "HEAD"};
    struct answer get = http_get(&service, path);
    struct answer head = http_ask(&service, path, &ask);
    char *get_length = answer_header(&get, "Content-Length");
    char *head_length = answer_header(&head, "Content-Length");
    assert_string_equal(head_length, get_length);
    assert_int_equal(head.body_bytes, 0);
    assert_true(head.seconds >= 0.06);
    free(get_length);
    free(head_length);
    answer_free(&get);
    answer_free(&head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_answer_has_its_headers_and_no_others),
        cmocka_unit_test(the_length_is_that_of_the_body),
        cmocka_unit_test(the_timing_is_the_elapsed_time),
        cmocka_unit_test(head_has_no_body_and_the_connection_goes_on),
        cmocka_unit_test(head_says_what_get_would),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
