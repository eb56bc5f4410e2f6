/*
 * What a browser lets a script from another origin do and see (Fetch, section 3.2). A preflight is
 * never refused, so that the script can read what is wrong with its request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include <stdlib.h>
#include <string.h>

#define PREFLIGHT "Origin: https://example.org", "Access-Control-Request-Method: GET"

static const char *const preflight[] = {PREFLIGHT, "Access-Control-Request-Headers: x-request-id",
                                        NULL};

static void a_preflight_is_never_refused(void **state)
{
    static const char *const paths[] = {"/hi", "/parallel?delay=x", "/openapi.json", "/metrics",
                                        "/hu", "/nowhere",          "/hi/",          "/"};
    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        const struct ask ask = {.method = "OPTIONS", .headers = preflight};
        struct answer answer = http_ask(&service, paths[i], &ask);
        assert_int_equal(answer.status, 204);
        char *origin = answer_header(&answer, "Access-Control-Allow-Origin");
        char *headers = answer_header(&answer, "Access-Control-Allow-Headers");
        assert_string_equal(origin, "*");
        assert_string_equal(headers, "*, Authorization");
        free(origin);
        free(headers);
        answer_free(&answer);
    }
}

/* The request that follows is, in words that the script can read. */
static void its_request_is_told_what_is_wrong(void **state)
{
    (void)state;
    struct answer answer = http_get(&service, "/hu");
    char *exposed = answer_header(&answer, "Access-Control-Expose-Headers");
    assert_int_equal(answer.status, 404);
    assert_non_null(strstr(answer.body, "did you mean '/hi'?"));
    assert_string_equal(exposed, "X-Request-Id, Server-Timing, Retry-After, Allow, ETag");
    free(exposed);
    answer_free(&answer);
}

/* Without a method to ask for it is a question about the path itself. */
static void a_plain_options_is_no_preflight(void **state)
{
    const struct ask ask = {.method = "OPTIONS"};
    (void)state;
    struct answer answer = http_ask(&service, "/nowhere", &ask);
    assert_int_equal(answer.status, 404);
    answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preflight_is_never_refused),
        cmocka_unit_test(its_request_is_told_what_is_wrong),
        cmocka_unit_test(a_plain_options_is_no_preflight),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
