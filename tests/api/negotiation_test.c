/*
 * Which view a client gets: the one that its Accept headers rate highest, unless `format` names
 * one. tests/unit/negotiate_test.c has the rules one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include <stdlib.h>
#include <string.h>

#define HEADERS_MOST 3

struct negotiated {
    const char *query;
    const char *accept[HEADERS_MOST + 1]; /* "Accept:" sends none; libcurl's own is any type */
    const char *content_type;
};

#define JSON "application/json"
#define TEXT "text/plain; charset=utf-8"

static const struct negotiated good[] = {
    {"", {"Accept:"}, JSON},
    {"", {NULL}, JSON},
    {"", {"Accept: application/json"}, JSON},
    {"", {"Accept: text/plain"}, TEXT},
    {"", {"accept: TEXT/PLAIN"}, TEXT},
    {"", {"Accept: text/*"}, TEXT},
    {"", {"Accept: text/plain;q=0.2, application/json;q=0.1"}, TEXT},
    {"", {"Accept: text/plain;q=0.1, application/json;q=0.2"}, JSON},
    {"", {"Accept: text/plain, application/json"}, JSON},
    {"", {"Accept: text/html, */*;q=0.1"}, JSON},
    {"", {"Accept: application/json;q=0, */*"}, TEXT},
    {"", {"Accept: */*;q=0.5, text/plain"}, TEXT},

    /* Several headers are one list. */
    {"", {"Accept: text/html", "Accept: text/plain"}, TEXT},
    {"", {"Accept: application/json;q=0.5", "Accept: text/plain;q=0.6"}, TEXT},
    {"", {"Accept: text/plain;q=0.6", "Accept: application/json;q=0.7", "Accept: */*"}, JSON},

    /* The parameter wins, even over a header that rules its view out. */
    {"&format=text", {"Accept: application/json"}, TEXT},
    {"&format=json", {"Accept: text/plain"}, JSON},
    {"&format=text", {"Accept: image/png"}, TEXT},
    {"&format=json", {"Accept: application/json;q=0"}, JSON},
};

static struct answer ask_for(const char *query, const char *const *accept)
{
    char path[64];
    const struct ask ask = {.headers = accept};
    (void)snprintf(path, sizeof path, "/hi?delay=0%s", query);
    return http_ask(&service, path, &ask);
}

static void check_good(const struct negotiated *negotiated)
{
    struct answer answer = ask_for(negotiated->query, negotiated->accept);
    char *type = answer_header(&answer, "Content-Type");
    char *vary = answer_header(&answer, "Vary");
    if (answer.status != 200 || strcmp(type, negotiated->content_type) != 0)
        fail_msg("%s %s: %ld %s", negotiated->query, negotiated->accept[0], answer.status, type);
    assert_string_equal(vary, "Accept");
    bool is_text = strcmp(type, TEXT) == 0;
    assert_memory_equal(answer.body, is_text ? "Hello\n" : "{\"endp", 6);
    free(type);
    free(vary);
    answer_free(&answer);
}

static void the_highest_rated_view_is_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        check_good(&good[i]);
}

static const char *const unacceptable[][HEADERS_MOST + 1] = {
    {"Accept: text/html"},
    {"Accept: application/xml, image/*"},
    {"Accept: application/json;q=0, text/plain;q=0"},
    {"Accept: */*;q=0"},
    {"Accept: text/html", "Accept: image/png"},
    {"Accept: application/json;q=0", "Accept: text/*;q=0", "Accept: */*"},
};

static void a_client_that_wants_neither_is_told_what_there_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(unacceptable); i++) {
        struct answer answer = ask_for("", unacceptable[i]);
        char *type = answer_header(&answer, "Content-Type");
        json_t *json = answer_json(&answer);
        assert_int_equal(answer.status, 406);
        assert_string_equal(type, "application/problem+json");
        const char *detail = json_string_value(json_object_get(json, "detail"));
        assert_non_null(
            strstr(detail, "application/json, text/plain, text/x-python, application/x-ndjson, "));
        json_decref(json);
        free(type);
        answer_free(&answer);
    }
}

/* A problem is a problem to any client: no Accept header turns a 400 into a 406. */
static void what_is_wrong_comes_before_what_is_wanted(void **state)
{
    (void)state;
    static const char *const accept[] = {"Accept: text/html", NULL};
    struct answer answer = ask_for("&delay=x", accept);
    assert_int_equal(answer.status, 400);
    answer_free(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_highest_rated_view_is_sent),
        cmocka_unit_test(a_client_that_wants_neither_is_told_what_there_is),
        cmocka_unit_test(what_is_wrong_comes_before_what_is_wanted),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
