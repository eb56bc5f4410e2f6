/*
 * The contract, row by row: for each endpoint, way of sleeping and form of the parameters, what is
 * said, by whom, in which order and how long it takes. All rows are asked at the same time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include <stdlib.h>
#include <string.h>

/* How late an answer may be on a busy machine. */

struct row {
    const char *path;
    const char *said;   /* H for Hello, W for World */
    const char *tasks;  /* who said it; NULL without a timeline */
    double asked_s;     /* how long it takes at least */
    double delays_s[3]; /* of each task with a timeline, or one for all */
};

static const struct row rows[] = {
    /* The defaults: 1 s, three hi(), awaited, no timeline. */
    {"/hi", "HW", NULL, 1, {0}},
    {"/parallel", "HHHWWW", NULL, 1, {0}},
    {"/sequence", "HWHWHW", NULL, 3, {0}},
    {"/hi?", "HW", NULL, 1, {0}},
    {"/hi?timeline=false&sleep=awaited&format=json&delay=1s", "HW", NULL, 1, {0}},

    /* Each endpoint, awaited. */
    {"/hi?delay=300ms&timeline=true", "HW", "11", 0.3, {0.3}},
    {"/parallel?delay=300ms&timeline=true", "HHHWWW", "123123", 0.3, {0.3}},
    {"/sequence?delay=100ms&timeline=true", "HWHWHW", "112233", 0.3, {0.1}},

    /* Blocking: the loop stands still, so one after the other on either. */
    {"/hi?delay=40ms&sleep=blocking&timeline=true", "HW", "11", 0.04, {0.04}},
    {"/parallel?delay=40ms&sleep=blocking&timeline=true", "HWHWHW", "112233", 0.12, {0.04}},
    {"/sequence?delay=40ms&sleep=blocking&timeline=true", "HWHWHW", "112233", 0.12, {0.04}},
    {"/parallel?delay=30ms,10ms,20ms&sleep=blocking&timeline=true",
     "HWHWHW",
     "112233",
     0.06,
     {0.03, 0.01, 0.02}},
    {"/parallel?delay=40ms&sleep=blocking", "HWHWHW", NULL, 0.12, {0}},

    /* Forgotten: nobody waits, so no time at all. */
    {"/hi?sleep=forgotten&timeline=true", "HW", "11", 0, {0}},
    {"/parallel?sleep=forgotten&timeline=true", "HWHWHW", "112233", 0, {0}},
    {"/sequence?sleep=forgotten&timeline=true", "HWHWHW", "112233", 0, {0}},
    {"/parallel?sleep=forgotten", "HWHWHW", NULL, 0, {0}},

    /* No delay still lets the others go first; blocking for no time does not. */
    {"/hi?delay=0&timeline=true", "HW", "11", 0, {0}},
    {"/parallel?delay=0&timeline=true", "HHHWWW", "123123", 0, {0}},
    {"/sequence?delay=0&timeline=true", "HWHWHW", "112233", 0, {0}},
    {"/parallel?delay=0&sleep=blocking&timeline=true", "HWHWHW", "112233", 0, {0}},

    /* A delay for each. */
    {"/parallel?delay=0.9s,0.3s,0.6s&timeline=true", "HHHWWW", "123231", 0.9, {0.9, 0.3, 0.6}},
    {"/parallel?delay=0.3s,0.6s&timeline=true", "HHWW", "1212", 0.6, {0.3, 0.6}},
    {"/parallel?delay=0.6s,0,0.3s&timeline=true", "HHHWWW", "123231", 0.6, {0.6, 0, 0.3}},
    {"/sequence?delay=0.3s,0.1s,0.2s&timeline=true", "HWHWHW", "112233", 0.6, {0.3, 0.1, 0.2}},
    {"/parallel?delay=0.3s,0.6s&count=2&timeline=true", "HHWW", "1212", 0.6, {0.3, 0.6}},
    {"/parallel?count=2&delay=0.3s,0.6s&timeline=true", "HHWW", "1212", 0.6, {0.3, 0.6}},
    {"/parallel?delay=0.9s,300ms,600000us&timeline=true", "HHHWWW", "123231", 0.9, {0.9, 0.3, 0.6}},

    /* The bounds of count and delay. */
    {"/parallel?count=1&delay=50ms", "HW", NULL, 0.05, {0}},
    {"/sequence?count=1&delay=50ms", "HW", NULL, 0.05, {0}},
    {"/parallel?count=9&delay=50ms&timeline=true",
     "HHHHHHHHHWWWWWWWWW",
     "123456789123456789",
     0.05,
     {0.05}},
    {"/hi?delay=10s&sleep=forgotten", "HW", NULL, 0, {0}},
    {"/hi?delay=1ns", "HW", NULL, 0.000000001, {0}},

    /* The units. */
    {"/hi?delay=0.5", "HW", NULL, 0.5, {0}},
    {"/hi?delay=1", "HW", NULL, 1, {0}},
    {"/hi?delay=0.25s", "HW", NULL, 0.25, {0}},
    {"/hi?delay=250ms", "HW", NULL, 0.25, {0}},
    {"/hi?delay=1.5ms", "HW", NULL, 0.0015, {0}},
    {"/hi?delay=250000us", "HW", NULL, 0.25, {0}},
    {"/hi?delay=250000000ns", "HW", NULL, 0.25, {0}},
    {"/hi?delay=0.01m", "HW", NULL, 0.6, {0}},

    /* As a browser encodes it. */
    {"/hi?d%65lay=%32%35%30m%73&timeline=tru%65", "HW", "11", 0.25, {0.25}},
    {"/parallel?delay=0.6s%2C0.3s&timeline=true", "HHWW", "1221", 0.6, {0.6, 0.3}},
    {"/parallel?delay=0.6s%2c0.3s&timeline=true", "HHWW", "1221", 0.6, {0.6, 0.3}},
    {"/hi?&delay=50ms&&timeline=false&", "HW", NULL, 0.05, {0}},
};

static double number_of(const json_t *json, const char *key)
{
    const json_t *number = json_object_get(json, key);
    assert_true(json_is_number(number));
    return json_number_value(number);
}

static bool asks(const struct row *row, const char *word)
{
    return strstr(row->path, word) != NULL;
}

static void check_word(const json_t *word, char said)
{
    assert_string_equal(json_string_value(word), said == 'H' ? "Hello" : "World");
}

static void check_output(const struct row *row, const json_t *answer)
{
    const json_t *output = json_object_get(answer, "output");
    assert_int_equal(json_array_size(output), strlen(row->said));
    for (size_t i = 0; row->said[i] != '\0'; i++)
        check_word(json_array_get(output, i), row->said[i]);
}

/* What is told lies between what was asked for and what the client saw. */
static void check_times(const struct row *row, const json_t *answer, double seen_s)
{
    double elapsed_s = number_of(answer, "elapsed_seconds");
    if (elapsed_s < row->asked_s || elapsed_s > seen_s)
        fail_msg("%s took %.9f s, and its client waited %.9f s", row->path, elapsed_s, seen_s);
    if (!asks(row, "blocking"))
        return;
    double blocked_s = number_of(answer, "loop_blocked_seconds");
    assert_true(blocked_s >= row->asked_s && blocked_s <= elapsed_s);
}

static double delay_of(const struct row *row, int64_t task)
{
    if (asks(row, "forgotten"))
        return 0;
    return row->delays_s[asks(row, ",") || asks(row, "%2") ? task - 1 : 0];
}

/* Time does not go back, and nobody's World comes before its Hello and its delay. */
static void check_timeline(const struct row *row, const json_t *answer)
{
    double hello_at_s[10] = {0};
    double last_s = 0;
    const json_t *timeline = json_object_get(answer, "timeline");
    assert_int_equal(json_array_size(timeline), strlen(row->tasks));
    for (size_t i = 0; row->tasks[i] != '\0'; i++) {
        const json_t *entry = json_array_get(timeline, i);
        json_int_t task = json_integer_value(json_object_get(entry, "task"));
        double at_s = number_of(entry, "at_seconds");
        check_word(json_object_get(entry, "says"), row->said[i]);
        assert_int_equal(task, row->tasks[i] - '0');
        assert_true(at_s >= last_s);
        if (row->said[i] == 'H')
            hello_at_s[task] = at_s;
        else if (at_s < hello_at_s[task] + delay_of(row, task) - 1e-12)
            fail_msg("%s: task %d waited from %.9f to %.9f", row->path, (int)task, hello_at_s[task],
                     at_s);
        last_s = at_s;
    }
    assert_true(last_s <= number_of(answer, "elapsed_seconds"));
}

static void check_warnings(const struct row *row, const json_t *answer)
{
    const json_t *warnings = json_object_get(answer, "warnings");
    assert_int_equal(json_array_size(warnings), strlen(row->said) / 2);
    for (size_t i = 0; i < json_array_size(warnings); i++) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "task %zu: sleep was never awaited", i + 1);
        assert_string_equal(json_string_value(json_array_get(warnings, i)), expected);
    }
}

/* What was not asked for is not there. */
static void check_members(const struct row *row, const json_t *answer)
{
    char endpoint[16] = "";
    (void)strncat(endpoint, row->path + 1, strcspn(row->path + 1, "?"));
    assert_string_equal(json_string_value(json_object_get(answer, "endpoint")), endpoint);
    size_t optional = (size_t)(row->tasks != NULL) + (size_t)asks(row, "blocking") +
                      (size_t)asks(row, "forgotten");
    assert_int_equal(json_object_size(answer), 3 + optional);
}

static void check_row(const struct row *row, const struct answer *answer)
{
    if (answer->status != 200)
        fail_msg("%s: %ld %s", row->path, answer->status, answer->body);
    json_t *json = answer_json(answer);
    check_members(row, json);
    check_output(row, json);
    check_times(row, json, answer->seconds);
    if (row->tasks != NULL)
        check_timeline(row, json);
    if (asks(row, "forgotten"))
        check_warnings(row, json);
    json_decref(json);
}

static void every_row_of_the_contract_holds(void **state)
{
    (void)state;
    const char *paths[COUNT(rows)];
    const struct ask plain = {0};
    for (size_t i = 0; i < COUNT(rows); i++)
        paths[i] = rows[i].path;
    struct answer *answers = http_each(&service, paths, &plain, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        check_row(&rows[i], &answers[i]);
        answer_free(&answers[i]);
    }
    free(answers);
}

/* The most that is allowed, in the pieces in which so much is sent. */
static void check_a_thousand(const char *path, const char *said_of_two)
{
    struct answer answer = http_get(&service, path);
    assert_int_equal(answer.status, 200);
    json_t *json = answer_json(&answer);
    const json_t *output = json_object_get(json, "output");
    const json_t *timeline = json_object_get(json, "timeline");
    bool is_parallel = strcmp(said_of_two, "HHWW") == 0;
    assert_int_equal(json_array_size(output), 2000);
    assert_int_equal(json_array_size(timeline), 2000);
    for (size_t i = 0; i < 2000; i++) {
        const json_t *entry = json_array_get(timeline, i);
        check_word(json_array_get(output, i), said_of_two[is_parallel ? i / 1000 * 2 : i % 2]);
        assert_int_equal(json_integer_value(json_object_get(entry, "task")),
                         is_parallel ? i % 1000 + 1 : i / 2 + 1);
    }
    json_decref(json);
    answer_free(&answer);
}

static void a_thousand_is_allowed(void **state)
{
    (void)state;
    check_a_thousand("/parallel?count=1000&delay=50ms&timeline=true", "HHWW");
    check_a_thousand("/sequence?count=1000&delay=0&timeline=true", "HWHW");
    check_a_thousand("/parallel?count=1000&delay=0&timeline=true&sleep=blocking", "HWHW");
    check_a_thousand("/sequence?count=1000&delay=10s&timeline=true&sleep=forgotten", "HWHW");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_contract_holds),
        cmocka_unit_test(a_thousand_is_allowed),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
