#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "text/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNTOUCHED (-42)

struct duration_case {
    const char *text;
    int64_t duration_ns;
};

static const struct duration_case good[] = {
    {"0", 0},
    {"0s", 0},
    {"0ns", 0},
    {"0m", 0},
    {"1", NS_PER_SECOND},
    {"2", 2 * NS_PER_SECOND},
    {"1s", NS_PER_SECOND},
    {"007s", 7 * NS_PER_SECOND},
    {"1.5", 1500 * NS_PER_MS},
    {"1.5s", 1500 * NS_PER_MS},
    {"0.1s", 100 * NS_PER_MS},
    {"0.100000000s", 100 * NS_PER_MS},
    {"0.000000001s", 1},
    {"0.000000001", 1},
    {"250ms", 250 * NS_PER_MS},
    {"1.5ms", 1500 * NS_PER_US},
    {"0.000001ms", 1},
    {"20us", 20 * NS_PER_US},
    {"0.001us", 1},
    {"15ns", 15},
    {"2m", 120 * NS_PER_SECOND},
    {"1.5m", 90 * NS_PER_SECOND},
    {"0.1m", 6 * NS_PER_SECOND},
    {"86400s", 86400 * NS_PER_SECOND},
    {"9223372036.854775807s", INT64_MAX},
    {"9223372036854775807ns", INT64_MAX},
    {"9223372036854.775807ms", INT64_MAX},
    {"1.0ns", 1},
    {"1.0000000000s", NS_PER_SECOND},
};

/* As programs print what they computed: JavaScript, Python, C's %g, Java, Python's Decimal. */
static const struct duration_case printed_by_programs[] = {
    {"0.30000000000000004", 300000001},
    {"1e-05", 10 * NS_PER_US},
    {"5e-05", 50 * NS_PER_US},
    {"1e-7", 100},
    {"1.0E-4", 100 * NS_PER_US},
    {"1e+01", 10 * NS_PER_SECOND},
    {"1e3", 1000 * NS_PER_SECOND},
    {"1.5e-1s", 150 * NS_PER_MS},
    {"300.00000000000006ms", 300000001},
    {"1e-1m", 6 * NS_PER_SECOND},
    {"0.1000000000000000055511151231257827021181583404541015625", 100000001},
    {"100000000000000000000e-20", NS_PER_SECOND},
    {"0.000000000000000000001e21", NS_PER_SECOND},
};

/* What is finer than a nanosecond is never early. */
static const struct duration_case rounded_up[] = {
    {"1.5ns", 2},
    {"0.0001us", 1},
    {"0.0000000001s", 1},
    {"1e-300", 1},
    {"1e-99999999999999999999", 1},
    {"0e-99999999999999999999", 0},
    {"0.9999999999", NS_PER_SECOND},
    {"0.00000000000000000001m", 1},
};

static const struct duration_case too_long[] = {
    {"9223372036.854775808s", INT64_MAX},
    {"9223372036854775808ns", INT64_MAX},
    {"9223372037s", INT64_MAX},
    {"153722868m", INT64_MAX},
    {"99999999999999999999999999999999s", INT64_MAX},
    {"1e300", INT64_MAX},
    {"1e99999999999999999999", INT64_MAX},
    {"0e99999999999999999999", 0},
};

static const char *const bad[] = {
    "",     "s",     "ms",    ".",    ".5s",   "1.s",          "1.",   "1..5s", "1.5.5s",
    "-1s",  "+1s",   "-0",    " 1s",  "1s ",   "1 s",          "\t1",  "1\n",   "1S",
    "1MS",  "1Ms",   "1h",    "1min", "1sec",  "1µs",          "1e",   "e3",    "1e+",
    "1e-s", "1e3e3", "1e0.5", "1.e3", "1e 3",  "1ee3",         "0x10", "1,5s",  "1_000ms",
    "nan",  "inf",   "1ss",   "1sms", "1m30s", "9223372036s ",
};

static void assert_read(const struct duration_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t duration_ns = UNTOUCHED;
        if (!duration_parse(cases[i].text, strlen(cases[i].text), &duration_ns) ||
            duration_ns != cases[i].duration_ns) {
            fail_msg("'%s' gave %" PRId64, cases[i].text, duration_ns);
        }
    }
}

static void test_reads_what_people_and_programs_write(void **state)
{
    (void)state;
    assert_read(good, COUNT(good));
    assert_read(printed_by_programs, COUNT(printed_by_programs));
    assert_read(rounded_up, COUNT(rounded_up));
    assert_read(too_long, COUNT(too_long));
}

static void test_refuses_the_rest_and_leaves_the_result_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t duration_ns = UNTOUCHED;
        if (duration_parse(bad[i], strlen(bad[i]), &duration_ns) || duration_ns != UNTOUCHED) {
            fail_msg("'%s' gave %" PRId64, bad[i], duration_ns);
        }
    }
}

/* A comma list is parsed in place, so the byte after the length is somebody else's. */
static void test_reads_no_further_than_the_length(void **state)
{
    (void)state;
    static const char list[] = {'3', 's', '1', '.', '5', 'm'};
    int64_t duration_ns = UNTOUCHED;
    assert_true(duration_parse(list, 2, &duration_ns));
    assert_int_equal(duration_ns, 3 * NS_PER_SECOND);
    assert_true(duration_parse(list + 2, 3, &duration_ns));
    assert_int_equal(duration_ns, 1500 * NS_PER_MS);
    assert_false(duration_parse(list + 2, 2, &duration_ns));
    assert_false(duration_parse(list, 0, &duration_ns));
    assert_false(duration_parse("1\0s", 3, &duration_ns));
}

static void test_prints_the_shortest_exact_form(void **state)
{
    (void)state;
    static const struct duration_case printed[] = {
        {"0s", 0},
        {"1ns", 1},
        {"999ns", 999},
        {"1us", NS_PER_US},
        {"1.001us", 1001},
        {"20us", 20 * NS_PER_US},
        {"999.999us", 999999},
        {"1ms", NS_PER_MS},
        {"250ms", 250 * NS_PER_MS},
        {"1.05ms", 1050 * NS_PER_US},
        {"1s", NS_PER_SECOND},
        {"1.5s", 1500 * NS_PER_MS},
        {"10s", 10 * NS_PER_SECOND},
        {"1.000000001s", NS_PER_SECOND + 1},
        {"60s", 60 * NS_PER_SECOND},
        {"86400s", 86400 * NS_PER_SECOND},
        {"9223372036.854775807s", INT64_MAX},
    };
    char text[DURATION_TEXT_BYTES];
    for (size_t i = 0; i < COUNT(printed); i++) {
        duration_print(printed[i].duration_ns, text);
        assert_string_equal(text, printed[i].text);
    }
}

/* Every number of digits, with neighbours on both sides. */
static void test_prints_what_it_reads_back(void **state)
{
    (void)state;
    char text[DURATION_TEXT_BYTES];
    for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10) {
        for (int64_t factor = 1; factor < 10; factor++) {
            for (int64_t offset = -1; offset <= 1; offset++) {
                int64_t expected_ns = power * factor + offset;
                int64_t duration_ns = UNTOUCHED;
                duration_print(expected_ns, text);
                assert_true(duration_parse(text, strlen(text), &duration_ns));
                assert_int_equal(duration_ns, expected_ns);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_people_and_programs_write),
        cmocka_unit_test(test_refuses_the_rest_and_leaves_the_result_alone),
        cmocka_unit_test(test_reads_no_further_than_the_length),
        cmocka_unit_test(test_prints_the_shortest_exact_form),
        cmocka_unit_test(test_prints_what_it_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
