#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "text/names.h"

#include <string.h>

static const char *const known[] = {
    "delay", "count", "sleep", "timeline", "format", "max_connections", "h",
};

struct slip {
    const char *name;
    const char *meant;
};

static const struct slip slips[] = {
    {"delay", "delay"},       {"dela", "delay"},
    {"delayy", "delay"},      {"dxlay", "delay"},
    {"dealy", "delay"},       {"edlay", "delay"},
    {"cnt", "count"},         {"counts", "count"},
    {"timelnie", "timeline"}, {"max_conections", "max_connections"},
    {"fromat", "format"},     {"max_conn_tions_", "max_connections"},
    {"Delay", "delay"},       {"maxconexions", "max_connections"},
};

static const char *const strangers[] = {
    "", "zzzzz", "x", "del", "qy", "max_con", "ormatt_on", "verbose", "timing_of_it",
};

static void test_finds_what_was_meant(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(slips); i++) {
        const char *name = slips[i].name;
        const char *nearest = nearest_name(name, strlen(name), known, COUNT(known));
        if (nearest == NULL || strcmp(nearest, slips[i].meant) != 0) {
            fail_msg("'%s' gave %s", name, nearest != NULL ? nearest : "nothing");
        }
    }
}

static void test_guesses_nothing_for_a_stranger(void **state)
{
    (void)state;
    static const char *const far[] = {"timeline", "max_connections", "h"};
    for (size_t i = 0; i < COUNT(strangers); i++) {
        const char *name = strangers[i];
        const char *nearest = nearest_name(name, strlen(name), far, COUNT(far));
        if (nearest != NULL) {
            fail_msg("'%s' gave %s", name, nearest);
        }
    }
    assert_null(nearest_name("delay", 5, known, 0));
}

/* A third of the longer name: of nine bytes three may differ, four may not. */
static void test_ends_at_a_third(void **state)
{
    (void)state;
    static const char *const nine[] = {"abcdefghi"};
    assert_non_null(nearest_name("xyzdefghi", 9, nine, 1));
    assert_null(nearest_name("wxyzefghi", 9, nine, 1));
}

/* At least two, however short the name. */
static void test_allows_two_changes_in_a_short_name(void **state)
{
    (void)state;
    static const char *const four[] = {"abcd"};
    assert_non_null(nearest_name("xycd", 4, four, 1));
    assert_null(nearest_name("xyzd", 4, four, 1));
    assert_null(nearest_name("xy", 2, (const char *const[]){"ab"}, 1));
}

static void test_takes_the_nearest_and_of_equals_the_first(void **state)
{
    (void)state;
    static const char *const close[] = {"max_tasks", "max_task", "max_tusks"};
    assert_ptr_equal(nearest_name("max_task", 8, close, COUNT(close)), close[1]);
    assert_ptr_equal(nearest_name("max_txsks", 9, close, COUNT(close)), close[0]);
}

/* Counted as two, a swap would make the first of these as near as the second. */
static void test_counts_a_swap_as_one(void **state)
{
    (void)state;
    static const char *const two[] = {"xydc", "abcd"};
    assert_ptr_equal(nearest_name("abdc", 4, two, 2), two[1]);
    assert_non_null(nearest_name("badcef", 6, (const char *const[]){"abcdef"}, 1));
}

/* The name may come from the network, with no NUL and of any length. */
static void test_reads_only_what_it_may(void **state)
{
    (void)state;
    static const char unterminated[] = {'d', 'e', 'l', 'a', 'y'};
    char name[4096];
    char expected[65] = {0};
    const char *const long_name[] = {expected};
    assert_string_equal(nearest_name(unterminated, 5, known, COUNT(known)), "delay");

    memset(name, 'a', sizeof name);
    memset(expected, 'a', 64);
    assert_ptr_equal(nearest_name(name, sizeof name, long_name, 1), expected);
    assert_null(nearest_name(name, sizeof name, known, COUNT(known)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_what_was_meant),
        cmocka_unit_test(test_guesses_nothing_for_a_stranger),
        cmocka_unit_test(test_ends_at_a_third),
        cmocka_unit_test(test_allows_two_changes_in_a_short_name),
        cmocka_unit_test(test_takes_the_nearest_and_of_equals_the_first),
        cmocka_unit_test(test_counts_a_swap_as_one),
        cmocka_unit_test(test_reads_only_what_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
