/*
 * What can be asked at all: paths, in every form that HTTP allows, and methods.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include <stdlib.h>
#include <string.h>

struct path_case {
    const char *path;
    long status;
    const char *body_says;
};

static const struct path_case found[] = {
    {"/hi?delay=0", 200, "\"endpoint\": \"hi\""},
    {"/parallel?delay=0", 200, "\"endpoint\": \"parallel\""},
    {"/sequence?delay=0", 200, "\"endpoint\": \"sequence\""},
    {"/%68i?delay=0", 200, "\"endpoint\": \"hi\""},
    {"/p%61r%61llel?delay=0", 200, "\"endpoint\": \"parallel\""},
    {"/./hi?delay=0", 200, "\"endpoint\": \"hi\""},
    {"/nowhere/../hi?delay=0", 200, "\"endpoint\": \"hi\""},
};

static const struct path_case not_found[] = {
    {"/hi/", 404, "There is no '/hi/'; did you mean '/hi'?"},
    {"/parallel/", 404, "did you mean '/parallel'?"},
    {"/paralel", 404, "There is no '/paralel'; did you mean '/parallel'?"},
    {"/sequense?delay=0", 404, "There is no '/sequense'; did you mean '/sequence'?"},
    {"/HI", 404, "There is no '/HI'"},
    {"/Parallel", 404, "did you mean '/parallel'?"},
    {"/favicon.ico", 404, "there are /hi, "},
    {"/hi/hi/hi/hi", 404, "there are /hi, "},
    {"/hi%00", 404, "There is no '/hi%00'"},
    {"/h%C3%AF", 404, "There is no '/h%C3%AF'"},
    {"/%22%5C%0A", 404, "There is no '/\\\"\\\\%0A'"},
    {"/hi%3Fdelay=0", 404, "There is no '/hi?delay=0'"},
};

static void check_paths(const struct path_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct answer answer = http_get(&service, cases[i].path);
        json_decref(answer_json(&answer));
        if (answer.status != cases[i].status || strstr(answer.body, cases[i].body_says) == NULL)
            fail_msg("%s: %ld %s", cases[i].path, answer.status, answer.body);
        answer_free(&answer);
    }
}

static void every_endpoint_is_found(void **state)
{
    (void)state;
    check_paths(found, COUNT(found));
}

static void anything_else_is_not_but_what_was_meant_is_named(void **state)
{
    (void)state;
    check_paths(not_found, COUNT(not_found));
}

/* ---- methods -------------------------------------------------------------------------------- */

static const char *const endpoints[] = {"/hi", "/parallel", "/sequence"};

/* Each word is quoted: a method is any token, also one that nobody knows. */
static const char *const wrong_methods[] = {"POST",  "PUT", "DELETE",   "PATCH",
                                            "TRACE", "get", "PROPFIND", "X"};

static void check_wrong_method(const char *path, const char *method)
{
    char says[64];
    const struct ask ask = {.method = method};
    struct answer answer = http_ask(&service, path, &ask);
    char *allow = answer_header(&answer, "Allow");
    (void)snprintf(says, sizeof says, "The method %s is not allowed", method);
    assert_int_equal(answer.status, 405);
    assert_string_equal(allow, "GET, HEAD, OPTIONS");
    assert_non_null(strstr(answer.body, says));
    free(allow);
    answer_free(&answer);
}

static void other_methods_are_refused_with_those_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(endpoints); i++)
        for (size_t j = 0; j < COUNT(wrong_methods); j++)
            check_wrong_method(endpoints[i], wrong_methods[j]);
}

/* The query is not looked at: a browser's preflight asks with that of the request to come. */
static void options_are_told_without_a_body(void **state)
{
    (void)state;
    static const char *const paths[] = {"/hi", "/parallel", "/sequence", "/hi?delay=nonsense"};
    const struct ask ask = {.method = "OPTIONS"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct answer answer = http_ask(&service, paths[i], &ask);
        char *allow = answer_header(&answer, "Allow");
        assert_int_equal(answer.status, 204);
        assert_string_equal(allow, "GET, HEAD, OPTIONS");
        assert_null(answer_header(&answer, "Content-Length"));
        assert_null(answer_header(&answer, "Transfer-Encoding"));
        assert_int_equal(answer.body_bytes, 0);
        free(allow);
        answer_free(&answer);
    }
}

/* A path that is not there has no options, nor methods that would be allowed. */
static void an_unknown_path_is_unknown_to_every_method(void **state)
{
    (void)state;
    static const char *const methods[] = {"OPTIONS", "POST", "HEAD"};
    for (size_t i = 0; i < COUNT(methods); i++) {
        const struct ask ask = {.method = methods[i]};
        struct answer answer = http_ask(&service, "/nowhere", &ask);
        assert_int_equal(answer.status, 404);
        assert_null(answer_header(&answer, "Allow"));
        answer_free(&answer);
    }
}

/* ---- forms of a request that libcurl does not send ------------------------------------------ */

struct raw_case {
    const char *request;
    const char *status_line;
    const char *says;
};

static const struct raw_case raw_cases[] = {
    {"GET http://example.org/hi?delay=0 HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 200 OK\r\n", "\"endpoint\": \"hi\""},
    {"GET http://example.org/parallel?delay=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 400 Bad Request\r\n", "delay: 'x' is not a duration"},
    {"GET http://example.org/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 404 Not Found\r\n", "There is no '/nowhere'"},
    {"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 204 No Content\r\n",
     "Allow: GET, HEAD, OPTIONS\r\n"},
    {"GET /hi?delay=0 HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n",
     "An HTTP/1.1 request needs a Host header"},
    {"GET /hi?delay=0 HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n",
     "Hello"},
    {"GET /hi?delay=0 HTTP/1.1\r\nhOsT: any.name.will.do\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 200 OK\r\n", "Hello"},
    {"GET /hi?delay=0 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Connection: close\r\n"},
    {"\r\nGET /hi?delay=0 HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Hello"},
    {"GET hi?delay=0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
     "HTTP/1.1 400 Bad Request\r\n", "neither a path nor a URL"},
    {"NONSENSE\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", "Connection: close\r\n"},
};

static void requests_come_in_other_forms_too(void **state)
{
    (void)state;
    char answer[8192];
    for (size_t i = 0; i < COUNT(raw_cases); i++) {
        const struct raw_case *expected = &raw_cases[i];
        raw_exchange(&service, expected->request, answer, sizeof answer);
        if (strncmp(answer, expected->status_line, strlen(expected->status_line)) != 0 ||
            strstr(answer, expected->says) == NULL)
            fail_msg("%s: %s", expected->request, answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_endpoint_is_found),
        cmocka_unit_test(anything_else_is_not_but_what_was_meant_is_named),
        cmocka_unit_test(other_methods_are_refused_with_those_allowed),
        cmocka_unit_test(options_are_told_without_a_body),
        cmocka_unit_test(an_unknown_path_is_unknown_to_every_method),
        cmocka_unit_test(requests_come_in_other_forms_too),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
