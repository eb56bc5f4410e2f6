/*
 * What a setting may be: every unit and kind, and both sides of every bound.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/config_case.h"
#include "text/duration.h"

static void test_good_values(void **state)
{
    (void)state;
    static const struct number_case cases[] = {
        {{.flags = {"--max-delay", "2.5"}}, "max_delay", 2500 * NS_PER_MS},
        {{.flags = {"--max-delay=2m"}}, "max_delay", 120 * NS_PER_SECOND},
        {{.environment = {"AWAITD_DRAIN_TIMEOUT=15ns"}}, "drain_timeout", 15},
        {{.file = "{\"max_delay\": 2}"}, "max_delay", 2 * NS_PER_SECOND},
        {{.file = "{\"max_delay\": 0.1}"}, "max_delay", 100 * NS_PER_MS},
        {{.file = "{\"max_delay\": 1e1}"}, "max_delay", 10 * NS_PER_SECOND},
        {{.file = "{\"max_delay\": 0.00005}"}, "max_delay", 50 * NS_PER_US},
        {{.file = "{\"max_delay\": 5e-05}"}, "max_delay", 50 * NS_PER_US},
        {{.file = "{\"max_delay\": 0.30000000000000004}"}, "max_delay", 300000001},
        {{.file = "{\"max_delay\": 12345.678901234}"}, "max_delay", 12345678901234},
        {{.file = "{\"max_tasks\": 1e+06}"}, "max_tasks", 1000000},
        {{.file = "{\"max_connections\" : 16384.0}"}, "max_connections", 16384},
        {{.file = "{\"max_body\":\n\t6.5536E4 ,\"port\" :1}"}, "max_body", 65536},
        {{.file = "{\"host\": \"a:\\\"1\", \"port\": 2e0}"}, "port", 2},
        {{.environment = {"AWAITD_MAX_TASKS=1e+06"}}, "max_tasks", 1000000},
        {{.flags = {"--max-body=0.5KiB"}}, "max_body", 512},
        {{.file = "{\"max_delay\": 86399.123456789}"}, "max_delay", 86399123456789},
        {{.file = "{\"max_delay\": \"1.5s\"}"}, "max_delay", 1500 * NS_PER_MS},
        {{.file = "{\"max_count\": \"12\"}"}, "max_count", 12},
        {{.flags = {"--max-body", "512"}}, "max_body", 512},
        {{.flags = {"--max-body", "3KiB"}}, "max_body", 3072},
        {{.flags = {"--max-body=2MiB"}}, "max_body", 2097152},
        {{.file = "{\"max_body\": 1000}"}, "max_body", 1000},
        {{.file = "{\"max_body\": \"64KiB\"}"}, "max_body", 65536},
        {{.flags = {"--log", "json"}}, "log", CONFIG_LOG_JSON},
        {{.environment = {"AWAITD_LOG=off"}}, "log", CONFIG_LOG_OFF},
        {{.file = "{\"log\": \"text\"}", .flags = {"--threads", "3"}}, "threads", 3},
        {{.flags = {"--max-tasks", "5", "--max-count", "5"}}, "max_tasks", 5},
        {{.file = "{}"}, "max_headers", 64},
    };
    assert_numbers(cases, COUNT(cases));
}

enum { FROM_FLAG, FROM_VARIABLE, FROM_FILE, FROM_COUNT };

/* Gives `text` for the option in one source; max_count makes way for a small max_tasks. */
static struct loaded load_one(const struct option *option, int from, const char *text)
{
    struct given given = {.file = NULL};
    size_t variables = 0;
    char name[NAME_TEXT_BYTES];
    char word[8192];
    if (strcmp(option->name, "max_count") != 0)
        given.environment[variables++] = "AWAITD_MAX_COUNT=1";
    option_name(option, from == FROM_FLAG ? NAME_FLAG : NAME_VARIABLE, name);
    (void)snprintf(word, sizeof word, from == FROM_FILE ? "{\"%s\": \"%s\"}" : "%s=%s",
                   from == FROM_FILE ? option->name : name, text);
    if (from == FROM_FILE)
        given.file = word;
    else if (from == FROM_FLAG)
        given.flags[0] = word;
    else
        given.environment[variables] = word;
    return load(&given);
}

static void assert_allowed(const struct option *option, int from, const char *text)
{
    struct loaded loaded = load_one(option, from, text);
    if (loaded.verdict != CONFIG_SERVE)
        fail_msg("%s %s: %s", option->name, text, loaded.errors);
    release(&loaded);
}

static void assert_not_allowed(const struct option *option, int from, const char *text)
{
    struct loaded loaded = load_one(option, from, text);
    char allowed[VALUE_ALLOWED_BYTES];
    char name[NAME_TEXT_BYTES];
    if (loaded.verdict != CONFIG_WRONG)
        fail_msg("%s %s was allowed", option->name, text);
    option_name(option,
                from == FROM_FLAG       ? NAME_FLAG
                : from == FROM_VARIABLE ? NAME_VARIABLE
                                        : NAME_KEY,
                name);
    value_allowed(option, allowed);
    assert_non_null(strstr(loaded.errors, name));
    assert_non_null(strstr(loaded.errors, text));
    assert_non_null(strstr(loaded.errors, allowed));
    assert_ptr_equal(strchr(loaded.errors, '\n') + 1, loaded.errors + strlen(loaded.errors));
    release(&loaded);
}

static void write_finest(const struct option *option, int64_t number, char text[VALUE_TEXT_BYTES])
{
    (void)snprintf(text, VALUE_TEXT_BYTES, "%" PRId64 "%s", number,
                   option->kind == KIND_TIME ? "ns" : "");
}

static void test_both_sides_of_every_bound(void **state)
{
    (void)state;
    char text[VALUE_TEXT_BYTES];
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];
        if (option->kind == KIND_TEXT || option->kind == KIND_CHOICE)
            continue;
        for (int from = 0; from < FROM_COUNT; from++) {
            value_write(option, option->minimum, text);
            assert_allowed(option, from, text);
            value_write(option, option->maximum, text);
            assert_allowed(option, from, text);
            write_finest(option, option->minimum - 1, text);
            assert_not_allowed(option, from, text);
            write_finest(option, option->maximum + 1, text);
            assert_not_allowed(option, from, text);
        }
    }
}

static void test_text_lengths(void **state)
{
    (void)state;
    char text[8192];
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];
        size_t maximum = (size_t)option->maximum;
        if (option->kind != KIND_TEXT)
            continue;
        memset(text, 'x', sizeof text);
        if (strcmp(option->name, "trusted_proxies") == 0)
            (void)memcpy(memset(text, ' ', sizeof text), "unix", 4);
        char last = text[maximum];
        text[maximum] = '\0';
        assert_allowed(option, FROM_FLAG, text);
        text[maximum] = last;
        text[maximum + 1] = '\0';
        struct loaded loaded = load_one(option, FROM_FLAG, text);
        assert_int_equal(loaded.verdict, CONFIG_WRONG);
        release(&loaded);
    }
}

/* Each field of struct config has its row, and no two rows have one name. */
static void test_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &option_table[i];
        assert_non_null(option->name);
        assert_non_null(option->meaning);
        if (i < OPTION_SETTINGS) {
            assert_int_equal(option->offset, i * sizeof(int64_t));
            assert_ptr_equal(option_named(option->name), option);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_values),
        cmocka_unit_test(test_both_sides_of_every_bound),
        cmocka_unit_test(test_text_lengths),
        cmocka_unit_test(test_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
