/*
 * Request bodies, which nobody needs here: read up to a bound and forgotten, and refused as
 * problems where libh2o itself has to refuse them.
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

#define BODY_MOST 65536

static char bytes[BODY_MOST + 1];

static const char *const plain[] = {"Expect:", NULL};
static const char *const chunked[] = {"Transfer-Encoding: chunked", "Expect:", NULL};
static const char *const expecting[] = {"Expect: 100-continue", NULL};

/* ---- bodies that are read ------------------------------------------------------------------- */

/* What is not 200 is a problem. */
static long status_with_body(const char *method, size_t length, const char *const *headers)
{
    memset(bytes, 'x', sizeof bytes);
    const struct ask ask = {
        .method = method, .headers = headers, .body = bytes, .body_bytes = length};
    struct answer answer = http_ask(&service, "/hi?delay=0", &ask);
    long status = answer.status;
    char *type = answer_header(&answer, "Content-Type");
    json_decref(answer_json(&answer));
    assert_string_equal(type, status == 200 ? "application/json" : "application/problem+json");
    free(type);
    answer_free(&answer);
    return status;
}

static void a_body_up_to_the_bound_is_read_and_forgotten(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 1000, BODY_MOST - 1, BODY_MOST};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        assert_int_equal(status_with_body("GET", lengths[i], plain), 200);
        assert_int_equal(status_with_body("GET", lengths[i], chunked), 200);
        assert_int_equal(status_with_body("GET", lengths[i], expecting), 200);
        assert_int_equal(status_with_body("POST", lengths[i], plain), 405);
    }
}

static void a_body_past_the_bound_is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_with_body("GET", BODY_MOST + 1, plain), 413);
    assert_int_equal(status_with_body("POST", BODY_MOST + 1, plain), 413);
    assert_int_equal(status_with_body("GET", BODY_MOST + 1, chunked), 413);
}

/* The client holds its body back until it is told to go on. */
static void a_client_that_asks_is_told_to_go_on(void **state)
{
    (void)state;
    char text[4096] = "";
    int fd = raw_connect(&service);
    raw_send(fd, "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                 "Content-Length: 5\r\nConnection: close\r\n\r\n");
    raw_read_until(fd, text, sizeof text, "\r\n\r\n", 10000);
    assert_string_equal(text, "HTTP/1.1 100 Continue\r\n\r\n");
    raw_send(fd, "12345");
    raw_read_until(fd, text, sizeof text, "World", 10000);
    assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
    (void)close(fd);
}

/* What follows a body on the same connection is the next request, not the rest of the body. */
static void the_next_request_begins_behind_the_body(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        "POST /hi?delay=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        char text[8192] = "";
        int fd = raw_connect(&service);
        raw_send(fd, bodies[i]);
        raw_send(fd, "GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert_true(raw_read(fd, text, sizeof text, 10000) > 0);
        assert_non_null(strstr(text, "There is no '/second'"));
        (void)close(fd);
    }
}

/* Where chunks end is a matter of opinion (framing.h). */
static void nothing_is_read_behind_chunks(void **state)
{
    (void)state;
    char text[8192] = "";
    int fd = raw_connect(&service);
    raw_send(fd, "GET /first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n1;a=b\r\nc\r\n0\r\n\r\n"
                 "GET /second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_true(raw_read(fd, text, sizeof text, 10000) > 0);
    assert_non_null(strstr(text, "There is no '/first'"));
    assert_non_null(strcasestr(text, "\r\nConnection: close\r\n"));
    assert_null(strstr(text, "/second"));
    (void)close(fd);
}

/* ---- bodies that are refused ---------------------------------------------------------------- */

struct broken {
    const char *request;
    int status;
    const char *title;
    const char *says;
};

static const struct broken brokens[] = {
    {"GET /hi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", 400,
     "Bad Request", "check Content-Length, Transfer-Encoding and the chunks"},
    {"POST /hi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400,
     "Bad Request", "chunks"},
    {"GET /hi HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n", 400, "Bad Request",
     "Content-Length"},
    {"GET /hi HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "Bad Request",
     "Content-Length"},
    {"GET /hi HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n", 413, "Content Too Large",
     "larger than the 65536 bytes that are allowed (max_body)"},
    {"POST /hi HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413,
     "Content Too Large", "(max_body)"},
    {"GET /hi HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\nExpect: 100-continue\r\n\r\n", 413,
     "Content Too Large", "(max_body)"},
    {"GET /hi HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\nContent-Length: 1\r\n\r\nx", 417,
     "Expectation Failed", "only 100-continue"},
};

/* Behind such a request nothing can be told from its body, so the connection ends with it. */
static void check_broken(const struct broken *broken)
{
    char text[8192];
    char line[64];
    raw_exchange(&service, broken->request, text, sizeof text);
    (void)snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\n", broken->status, broken->title);
    const char *body = strstr(text, "\r\n\r\n");
    if (body == NULL || strncmp(text, line, strlen(line)) != 0)
        fail_msg("%s: %s", broken->request, text);
    assert_non_null(strcasestr(text, "\r\nContent-Type: application/problem+json\r\n"));
    assert_non_null(strcasestr(text, "\r\nConnection: close\r\n"));
    assert_non_null(strstr(text, "\r\nCache-Control: no-store\r\n"));
    json_t *json = json_loads(body, 0, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "title")), broken->title);
    assert_int_equal(json_integer_value(json_object_get(json, "status")), broken->status);
    assert_non_null(strstr(json_string_value(json_object_get(json, "detail")), broken->says));
    json_decref(json);
}

static void the_librarys_refusals_are_problems_too(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(brokens); i++)
        check_broken(&brokens[i]);
}

static void the_bound_is_the_operators(void **state)
{
    (void)state;
    struct service common = service;
    static const char *const arguments[] = {"--max-body=10", NULL};
    service_start(&service, arguments);
    assert_int_equal(status_with_body("GET", 10, plain), 200);
    assert_int_equal(status_with_body("GET", 11, plain), 413);
    service_stop(&service);
    service = common;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_up_to_the_bound_is_read_and_forgotten),
        cmocka_unit_test(a_body_past_the_bound_is_refused),
        cmocka_unit_test(a_client_that_asks_is_told_to_go_on),
        cmocka_unit_test(the_next_request_begins_behind_the_body),
        cmocka_unit_test(nothing_is_read_behind_chunks),
        cmocka_unit_test(the_librarys_refusals_are_problems_too),
        cmocka_unit_test(the_bound_is_the_operators),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
