/* Request ids and trace context: what ties a line in the log to a request. */
#include "tests/support/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TRACE_ID "0af7651916cd43dd8448eb211c80319c"
#define SPAN_ID  "b7ad6b7169203331"

static char *id_for(const struct service *service, const char *header)
{
    const char *const headers[] = {header, NULL};
    const struct ask ask = {.headers = header == NULL ? NULL : headers};
    struct answer answer = http_ask(service, "/hi?delay=0", &ask);
    char *id = answer_header(&answer, "X-Request-Id");
    answer_free(&answer);
    assert_non_null(id);
    return id;
}

static void a_well_formed_id_comes_back(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    char longest[16 + 128 + 1];
    (void)snprintf(longest, sizeof longest, "X-Request-Id: %0128d", 7);
    const char *const headers[] = {"X-Request-Id: a", "x-request-id: A-b_c.9", longest};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        char *id = id_for(&service, headers[i]);
        assert_string_equal(id, strchr(headers[i], ' ') + 1);
        free(id);
    }
    service_stop(&service);
}

static void assert_is_ours(const char *id)
{
    assert_int_equal(strlen(id), 32);
    assert_int_equal(strspn(id, "0123456789abcdef"), 32);
}

static void any_other_is_replaced(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    char too_long[16 + 129 + 1];
    (void)snprintf(too_long, sizeof too_long, "X-Request-Id: %0129d", 7);
    const char *const headers[] = {NULL,
                                   "X-Request-Id: with blank",
                                   "X-Request-Id: quote\"",
                                   "X-Request-Id: caf\xc3\xa9",
                                   "X-Request-Id;",
                                   too_long};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        char *id = id_for(&service, headers[i]);
        assert_is_ours(id);
        free(id);
    }
    service_stop(&service);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void no_two_are_alike(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    struct service service;
    char *ids[COUNT];
    service_start(&service, NULL);
    for (size_t i = 0; i < COUNT; i++)
        ids[i] = id_for(&service, NULL);
    qsort(ids, COUNT, sizeof *ids, compare);
    for (size_t i = 1; i < COUNT; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
    for (size_t i = 0; i < COUNT; i++)
        free(ids[i]);
    service_stop(&service);
}

static void errors_have_one_too(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, NULL);
    const char *const headers[] = {"X-Request-Id: mine", "Transfer-Encoding: odd", NULL};
    const struct ask own = {.headers = headers};
    struct answer answer = http_ask(&service, "/nowhere", &own);
    char *id = answer_header(&answer, "X-Request-Id");
    assert_non_null(id);
    free(id);
    answer_free(&answer);
    service_stop(&service);
}

/* ---- the log --------------------------------------------------------------------------------- */

static json_t *line_for_both(const char *first, const char *second)
{
    char line[8192];
    struct service service;
    const char *const headers[] = {"X-Request-Id: mine", first, second, NULL};
    const struct ask ask = {.headers = headers};
    service_start(&service, (const char *const[]){"--log", "json", NULL});
    struct answer answer = http_ask(&service, "/parallel?count=2&delay=0", &ask);
    answer_free(&answer);
    assert_non_null(fgets(line, sizeof line, service.output));
    service_stop(&service);
    json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

static json_t *line_for(const char *traceparent)
{
    return line_for_both(traceparent, NULL);
}

static const char *text_of(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static void the_log_names_request_route_and_outcome(void **state)
{
    (void)state;
    json_t *line = line_for(NULL);
    assert_string_equal(text_of(line, "request_id"), "mine");
    assert_string_equal(text_of(line, "route"), "/parallel");
    assert_string_equal(text_of(line, "outcome"), "done");
    assert_string_equal(text_of(line, "level"), "info");
    assert_int_equal(json_integer_value(json_object_get(line, "tasks")), 2);
    assert_int_equal(json_integer_value(json_object_get(line, "request_size_bytes")), 0);
    assert_null(json_object_get(line, "trace_id"));
    json_decref(line);
}

static void a_traceparent_is_logged(void **state)
{
    (void)state;
    static const char *const good[] = {
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-01",
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-00",
        "traceparent: 01-" TRACE_ID "-" SPAN_ID "-01-what-comes-later",
        "traceparent: cc-" TRACE_ID "-" SPAN_ID "-01-",
        "TraceParent: 00-" TRACE_ID "-" SPAN_ID "-ff",
        "traceparent:   \t00-" TRACE_ID "-" SPAN_ID "-01",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        json_t *line = line_for(good[i]);
        assert_non_null(text_of(line, "trace_id"));
        assert_string_equal(text_of(line, "trace_id"), TRACE_ID);
        assert_string_equal(text_of(line, "span_id"), SPAN_ID);
        json_decref(line);
    }
}

static void a_malformed_traceparent_is_ignored(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "traceparent: 00-" TRACE_ID "-" SPAN_ID,
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-01-more",
        "traceparent: ff-" TRACE_ID "-" SPAN_ID "-01",
        "traceparent: 00-00000000000000000000000000000000-" SPAN_ID "-01",
        "traceparent: 00-" TRACE_ID "-0000000000000000-01",
        "traceparent: 00-0AF7651916CD43DD8448EB211C80319C-" SPAN_ID "-01",
        "traceparent: 00-" TRACE_ID "_" SPAN_ID "-01",
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-zz",
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-01-",
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-01.",
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-0001",
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-1",
        "traceparent: 00-" TRACE_ID "0-" SPAN_ID "-01",
        "traceparent: 00-" TRACE_ID "-0" SPAN_ID "-01",
        "traceparent: 000-" TRACE_ID "-" SPAN_ID "-01",
        "traceparent: 0-" TRACE_ID "-" SPAN_ID "-01",
        "traceparent: .0-" TRACE_ID "-" SPAN_ID "-01",
        "traceparent: FF-" TRACE_ID "-" SPAN_ID "-01",
        "traceparent: cc-" TRACE_ID "-" SPAN_ID "-01.what-comes-later",
        "trace-parent: 00-" TRACE_ID "-" SPAN_ID "-01",
        "traceparent: 00-" TRACE_ID "-" SPAN_ID "-01,00-" TRACE_ID "-" SPAN_ID "-01",
        "traceparent: junk",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_t *line = line_for(bad[i]);
        assert_null(json_object_get(line, "trace_id"));
        assert_null(json_object_get(line, "span_id"));
        json_decref(line);
    }
}

/* As the W3C's own test suite has it, and for the same reason the other name of a request. */
static void of_two_none_counts(void **state)
{
    (void)state;
    static const char parent[] = "traceparent: 00-" TRACE_ID "-" SPAN_ID "-01";
    static const char *const seconds[] = {
        "traceparent: 00-11111111111111111111111111111111-1111111111111111-01",
        parent,
        "traceparent: junk",
    };
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        json_t *line = line_for_both(parent, seconds[i]);
        assert_null(json_object_get(line, "trace_id"));
        json_decref(line);
    }
    json_t *line = line_for_both("X-Request-Id: yours", parent);
    assert_is_ours(text_of(line, "request_id"));
    assert_string_equal(text_of(line, "trace_id"), TRACE_ID);
    json_decref(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_well_formed_id_comes_back),
        cmocka_unit_test(any_other_is_replaced),
        cmocka_unit_test(no_two_are_alike),
        cmocka_unit_test(errors_have_one_too),
        cmocka_unit_test(the_log_names_request_route_and_outcome),
        cmocka_unit_test(a_traceparent_is_logged),
        cmocka_unit_test(a_malformed_traceparent_is_ignored),
        cmocka_unit_test(of_two_none_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
