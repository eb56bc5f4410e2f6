/*
 * What is refused, and how it is said: each problem names the parameter, what was given and what is
 * allowed, so that the one who reads it can put it right without looking anything up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include <stdlib.h>
#include <string.h>

#define WORDS    3
#define NO_BOUND (-1)

struct wrong {
    const char *path;
    const char *parameter; /* NULL: none */
    const char *words[WORDS];
    double minimum; /* NO_BOUND: none */
    double maximum;
};

/* A parameter at fault without, and with, a range of numbers that it must lie in. */
#define NO_BOUNDS NO_BOUND, NO_BOUND
#define OF_DELAY  0, 10
#define OF_COUNT  1, 1000
#define OF_ALL    0, 60

static const struct wrong wrong_delays[] = {
    {"/hi?delay=", "delay", {"''", "1s, 250ms", "0s to 10s"}, OF_DELAY},
    {"/hi?delay", "delay", {"''", "0s to 10s"}, OF_DELAY},
    {"/hi?delay=abc", "delay", {"'abc'", "not a duration", "0s to 10s"}, OF_DELAY},
    {"/hi?delay=-1s", "delay", {"'-1s'", "0s to 10s"}, OF_DELAY},
    {"/hi?delay=+1s", "delay", {"' 1s'"}, OF_DELAY},
    {"/hi?delay=%2B1s", "delay", {"'+1s'"}, OF_DELAY},
    {"/hi?delay=1+s", "delay", {"'1 s'"}, OF_DELAY},
    {"/hi?delay=1e3", "delay", {"'1e3'"}, OF_DELAY},
    {"/hi?delay=0x1", "delay", {"'0x1'"}, OF_DELAY},
    {"/hi?delay=.5s", "delay", {"'.5s'"}, OF_DELAY},
    {"/hi?delay=1.s", "delay", {"'1.s'"}, OF_DELAY},
    {"/hi?delay=1,5", "delay", {"/hi is one hi() and takes one delay"}, NO_BOUNDS},
    {"/hi?delay=NaN", "delay", {"'NaN'"}, OF_DELAY},
    {"/hi?delay=inf", "delay", {"'inf'"}, OF_DELAY},
    {"/hi?delay=1h", "delay", {"'1h'", "not a duration"}, OF_DELAY},
    {"/hi?delay=1sec", "delay", {"'1sec'"}, OF_DELAY},
    {"/hi?delay=1S", "delay", {"'1S'"}, OF_DELAY},
    {"/hi?delay=1Ms", "delay", {"'1Ms'"}, OF_DELAY},
    {"/hi?delay=10.000000001s",
     "delay",
     {"'10.000000001s'", "too long", "10s (max_delay)"},
     OF_DELAY},
    {"/hi?delay=10000001us", "delay", {"'10000001us'", "too long"}, OF_DELAY},
    {"/hi?delay=1m", "delay", {"'1m'", "too long"}, OF_DELAY},
    {"/hi?delay=99999999999999999999s", "delay", {"'99999999999999999999s'", "too long"}, OF_DELAY},
    {"/hi?delay=1e-5x", "delay", {"'1e-5x'", "not a duration"}, OF_DELAY},
    {"/hi?delay=1e300", "delay", {"'1e300'", "too long"}, OF_DELAY},
    {"/hi?delay=10.000000000000002", "delay", {"'10.000000000000002'", "too long"}, OF_DELAY},
    {"/parallel?delay=1s,,2s", "delay", {"''"}, OF_DELAY},
    {"/parallel?delay=1s,2s,", "delay", {"''"}, OF_DELAY},
    {"/parallel?delay=,", "delay", {"''"}, OF_DELAY},
    {"/parallel?delay=1s,%202s", "delay", {"' 2s'"}, OF_DELAY},
    {"/parallel?delay=1s,11s", "delay", {"'11s'", "too long"}, OF_DELAY},
    {"/parallel?delay=1s;2s", "delay", {"'1s;2s'"}, OF_DELAY},
    {"/hi?delay=1s,2s", "delay", {"a list of 2", "/hi is one hi()"}, NO_BOUNDS},
    {"/hi?delay=1s&delay=2s", "delay", {"more than once", "a list with commas"}, NO_BOUNDS},
};

static const struct wrong wrong_counts[] = {
    {"/parallel?count=0", "count", {"'0'", "whole number from 1 to 1000"}, OF_COUNT},
    {"/parallel?count=1001", "count", {"'1001'", "1 to 1000 (max_count)"}, OF_COUNT},
    {"/parallel?count=", "count", {"''"}, OF_COUNT},
    {"/sequence?count=-1", "count", {"'-1'"}, OF_COUNT},
    {"/sequence?count=1.0", "count", {"'1.0'"}, OF_COUNT},
    {"/sequence?count=1e2", "count", {"'1e2'"}, OF_COUNT},
    {"/sequence?count=%203", "count", {"' 3'"}, OF_COUNT},
    {"/sequence?count=three", "count", {"'three'"}, OF_COUNT},
    {"/parallel?count=4294967299", "count", {"'4294967299'"}, OF_COUNT},
    {"/parallel?count=18446744073709551619", "count", {"'18446744073709551619'"}, OF_COUNT},
    {"/parallel?count=3&count=3", "count", {"more than once", "give it once."}, NO_BOUNDS},
    {"/parallel?count=2&delay=1s,2s,3s",
     "count",
     {"count: 2", "delay lists 3", "let both agree"},
     NO_BOUNDS},
    {"/sequence?delay=1s,2s&count=3", "count", {"count: 3", "delay lists 2"}, NO_BOUNDS},
    {"/hi?count=1", "count", {"/hi is always one hi()", "/parallel and /sequence"}, NO_BOUNDS},
    {"/hi?count=x", "count", {"/hi is always one hi()"}, NO_BOUNDS},
};

static const struct wrong wrong_durations[] = {
    {"/sequence?count=61", "delay", {"61s", "at most 60s", "(max_duration)"}, OF_ALL},
    {"/sequence?delay=10s&count=7", "delay", {"70s", "at most 60s"}, OF_ALL},
    {"/sequence?delay=10s,10s,10s,10s,10s,10s,1ns", "delay", {"60.000000001s"}, OF_ALL},
    {"/parallel?sleep=blocking&count=61", "delay", {"61s"}, OF_ALL},
    {"/sequence?count=1000&delay=10s", "delay", {"10000s"}, OF_ALL},
};

static const struct wrong wrong_words[] = {
    {"/hi?sleep=", "sleep", {"''", "awaited, blocking and forgotten"}, NO_BOUNDS},
    {"/hi?sleep=await", "sleep", {"'await'", "awaited, blocking and forgotten"}, NO_BOUNDS},
    {"/hi?sleep=BLOCKING", "sleep", {"'BLOCKING'"}, NO_BOUNDS},
    {"/hi?sleep=awaited&sleep=awaited", "sleep", {"more than once"}, NO_BOUNDS},
    {"/hi?timeline=1", "timeline", {"'1'", "false, true and states"}, NO_BOUNDS},
    {"/hi?timeline=True", "timeline", {"'True'"}, NO_BOUNDS},
    {"/hi?timeline", "timeline", {"''"}, NO_BOUNDS},
    {"/hi?timeline=true&timeline=false", "timeline", {"more than once"}, NO_BOUNDS},
    {"/hi?format=xml", "format", {"'xml'", "json, text, python, ndjson, svg and trace"}, NO_BOUNDS},
    {"/hi?format=", "format", {"''"}, NO_BOUNDS},
    {"/hi?format=text/plain", "format", {"'text/plain'"}, NO_BOUNDS},
    {"/hi?format=json&format=text", "format", {"more than once"}, NO_BOUNDS},
};

static const struct wrong wrong_names[] = {
    {"/hi?dealy=2s", NULL, {"no parameter 'dealy'", "did you mean 'delay'?"}, NO_BOUNDS},
    {"/hi?Delay=2s", NULL, {"'Delay'", "did you mean 'delay'?"}, NO_BOUNDS},
    {"/parallel?counts=3", NULL, {"did you mean 'count'?"}, NO_BOUNDS},
    {"/hi?time_line=true", NULL, {"did you mean 'timeline'?"}, NO_BOUNDS},
    {"/hi?slep=blocking", NULL, {"did you mean 'sleep'?"}, NO_BOUNDS},
    {"/hi?fmt=text", NULL, {"no parameter 'fmt'"}, NO_BOUNDS},
    {"/hi?utm_source=x",
     NULL,
     {"there are delay, count, plan, sleep, clock, timeline and format"},
     NO_BOUNDS},
    {"/hi?=1", NULL, {"no parameter ''"}, NO_BOUNDS},
    {"/hi?delay=0&x", NULL, {"no parameter 'x'"}, NO_BOUNDS},
    {"/hi?delay%20=0", NULL, {"no parameter 'delay '"}, NO_BOUNDS},
    {"/hi?delay=0;count=1", "delay", {"'0;count=1'"}, OF_DELAY},
    {"/hi?delay%3D0", NULL, {"no parameter 'delay=0'"}, NO_BOUNDS},
};

/* A message is ASCII, whatever it quotes; what is not is shown as it would be encoded. */
static const struct wrong wrong_bytes[] = {
    {"/hi?delay=%00", "delay", {"'%00'"}, OF_DELAY},
    {"/hi?delay=1s%00", "delay", {"'1s%00'"}, OF_DELAY},
    {"/hi?delay=%01%1b%5B31m%7f", "delay", {"'%01%1B[31m%7F'"}, OF_DELAY},
    {"/hi?delay=1s%0d%0aSet-Cookie:%20x", "delay", {"'1s%0D%0ASet-Cookie: x'"}, OF_DELAY},
    {"/hi?delay=%C3%A9%E2%82%AC", "delay", {"'%C3%A9%E2%82%AC'"}, OF_DELAY},
    {"/hi?delay=%FF%FE", "delay", {"'%FF%FE'"}, OF_DELAY},
    {"/hi?delay=%22%5C'", "delay", {"'\"\\''"}, OF_DELAY},
    {"/hi?delay=%s%n%25s", "delay", {"'%s%n%s'"}, OF_DELAY},
    {"/hi?delay=%", "delay", {"'%'"}, OF_DELAY},
    {"/hi?delay=%4", "delay", {"'%4'"}, OF_DELAY},
    {"/hi?delay=%zz", "delay", {"'%zz'"}, OF_DELAY},
    {"/hi?%00=1", NULL, {"no parameter '%00'"}, NO_BOUNDS},
    {"/hi?d%C3%A9lay=1", NULL, {"no parameter 'd%C3%A9lay'"}, NO_BOUNDS},
    {"/hi?sleep=%00", "sleep", {"'%00'"}, NO_BOUNDS},
    {"/hi?format=text%00", "format", {"'text%00'"}, NO_BOUNDS},
    {"/hi?timeline=true%00", "timeline", {"'true%00'"}, NO_BOUNDS},
    {"/parallel?count=3%00", "count", {"'3%00'"}, OF_COUNT},
};

static void check_bound(const struct wrong *wrong, const json_t *json, const char *key,
                        double bound)
{
    const json_t *value = json_object_get(json, key);
    bool is_right = bound == NO_BOUND ? value == NULL
                                      : json_is_number(value) && json_number_value(value) == bound;
    if (!is_right)
        fail_msg("%s: %s", wrong->path, key);
}

static void check_detail(const struct wrong *wrong, const char *detail)
{
    for (size_t i = 0; i < WORDS && wrong->words[i] != NULL; i++)
        if (strstr(detail, wrong->words[i]) == NULL)
            fail_msg("%s: '%s' is not in '%s'", wrong->path, wrong->words[i], detail);
    for (const char *at = detail; *at != '\0'; at++)
        assert_in_range(*at, ' ', '~');
}

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text == NULL ? "nothing" : text;
}

static void check_problem(const struct wrong *wrong, const struct answer *answer)
{
    char *type = answer_header(answer, "Content-Type");
    json_t *json = answer_json(answer);
    if (answer->status != 400)
        fail_msg("%s: %ld", wrong->path, answer->status);
    assert_string_equal(type, "application/problem+json");
    assert_string_equal(text_of(json, "type"), "about:blank");
    assert_string_equal(text_of(json, "title"), "Bad Request");
    assert_int_equal(json_integer_value(json_object_get(json, "status")), 400);
    assert_string_equal(text_of(json, "parameter"),
                        wrong->parameter == NULL ? "nothing" : wrong->parameter);
    check_detail(wrong, text_of(json, "detail"));
    check_bound(wrong, json, "minimum", wrong->minimum);
    check_bound(wrong, json, "maximum", wrong->maximum);
    size_t bounds = wrong->maximum == NO_BOUND ? 0 : 2;
    assert_int_equal(json_object_size(json), 4 + bounds + (wrong->parameter != NULL));
    json_decref(json);
    free(type);
}

/* HEAD is refused alike, without the sentence. */
static void check_head(const struct wrong *wrong)
{
    const struct ask ask = {.method = "HEAD"};
    struct answer answer = http_ask(&service, wrong->path, &ask);
    assert_int_equal(answer.status, 400);
    assert_int_equal(answer.body_bytes, 0);
    answer_free(&answer);
}

static void check_all(const struct wrong *wrong, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct answer answer = http_get(&service, wrong[i].path);
        check_problem(&wrong[i], &answer);
        answer_free(&answer);
        check_head(&wrong[i]);
    }
}

static void wrong_values_are_named_with_what_is_allowed(void **state)
{
    (void)state;
    check_all(wrong_delays, COUNT(wrong_delays));
    check_all(wrong_counts, COUNT(wrong_counts));
    check_all(wrong_durations, COUNT(wrong_durations));
    check_all(wrong_words, COUNT(wrong_words));
}

static void a_typo_never_means_the_default(void **state)
{
    (void)state;
    check_all(wrong_names, COUNT(wrong_names));
}

static void any_bytes_are_quoted_harmlessly(void **state)
{
    (void)state;
    check_all(wrong_bytes, COUNT(wrong_bytes));
}

/* However much is sent, the sentence stays short and shows how it began. */
static void long_values_are_cut(void **state)
{
    (void)state;
    char path[3000];
    const char *const begins[] = {"/hi?delay=", "/hi?sleep=", "/parallel?count=", "/hi?"};
    for (size_t i = 0; i < COUNT(begins); i++) {
        memset(path, '9', sizeof path - 1);
        path[sizeof path - 1] = '\0';
        memcpy(path, begins[i], strlen(begins[i]));
        struct answer answer = http_get(&service, path);
        json_t *json = answer_json(&answer);
        assert_int_equal(answer.status, 400);
        assert_non_null(strstr(text_of(json, "detail"), "99999999999999999999..."));
        assert_true(strlen(text_of(json, "detail")) < 300);
        json_decref(json);
        answer_free(&answer);
    }
}

/* The bounds are the operator's, to the nanosecond. */
static void the_bounds_are_those_that_were_configured(void **state)
{
    (void)state;
    struct service strict;
    static const char *const arguments[] = {"--max-delay=1.5s", "--max-count=5",
                                            "--max-duration=2500ms", NULL};
    static const struct wrong wrongs[] = {
        {"/hi?delay=1.500000001", "delay", {"0s to 1.5s (max_delay)"}, 0, 1.5},
        {"/parallel?count=6", "count", {"from 1 to 5 (max_count)"}, 1, 5},
        {"/sequence?count=3&delay=1s", "delay", {"3s", "2.5s"}, 0, 2.5},
        {"/parallel?delay=1,1,1,1,1,1", "delay", {"a list of 6", "at most 5"}, NO_BOUNDS},
    };
    service_start(&strict, arguments);
    for (size_t i = 0; i < COUNT(wrongs); i++) {
        struct answer answer = http_get(&strict, wrongs[i].path);
        check_problem(&wrongs[i], &answer);
        answer_free(&answer);
    }
    service_stop(&strict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_values_are_named_with_what_is_allowed),
        cmocka_unit_test(a_typo_never_means_the_default),
        cmocka_unit_test(any_bytes_are_quoted_harmlessly),
        cmocka_unit_test(long_values_are_cut),
        cmocka_unit_test(the_bounds_are_those_that_were_configured),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
