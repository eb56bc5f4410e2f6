/*
 * What awaitd prints and exits: --help, --version, --check-config.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/sources.h"
#include "tests/support/config_case.h"

/* An allowed text for the setting that is not its default; no two settings contradict each other.
 */
static void write_another(const struct option *option, char text[VALUE_TEXT_BYTES])
{
    if (strcmp(option->name, "trusted_proxies") == 0) {
        (void)strcpy(text, "unix, fd00::/8");
        return;
    }
    if (option->kind == KIND_TEXT) {
        (void)snprintf(text, VALUE_TEXT_BYTES, "d\xc3\xa9j\xc3\xa0 \"vu\" %zu", option->offset);
        return;
    }
    value_write(option, option->maximum, text);
    if (strcmp(text, option->default_text) == 0)
        value_write(option, option->minimum, text);
}

static void test_check_config_prints_what_loads_again(void **state)
{
    (void)state;
    struct config config = {0};
    char text[VALUE_TEXT_BYTES];
    char *printed = NULL;
    size_t printed_bytes;
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        write_another(&option_table[i], text);
        if (strcmp(option_table[i].name, "admin_port") == 0)
            (void)strcpy(text, "9090");
        assert_true(value_set(&config, &option_table[i], text));
    }
    FILE *output = open_memstream(&printed, &printed_bytes);
    file_print(&config, output);
    (void)fclose(output);
    struct loaded loaded = load(&(struct given){.file = printed, .flags = {"--check-config"}});
    assert_string_equal(loaded.errors, "");
    assert_int_equal(loaded.verdict, CONFIG_CHECKED);
    assert_string_equal(loaded.output, printed);
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];
        if (option->kind == KIND_TEXT)
            assert_string_equal(value_text(&loaded.config, option), value_text(&config, option));
        else
            assert_int_equal(value_number(&loaded.config, option), value_number(&config, option));
    }
    release(&loaded);
    config_free(&config);
    free(printed);
}

static void test_check_config_shows_every_source(void **state)
{
    (void)state;
    struct loaded loaded = load(&(struct given){.file = "{\"port\": 1}",
                                                .environment = {"AWAITD_MAX_BODY=1000"},
                                                .flags = {"--check-config", "--log=off"}});
    assert_int_equal(loaded.verdict, CONFIG_CHECKED);
    assert_non_null(strstr(loaded.output, "{\n  \"host\": \"::\",\n  \"port\": 1,\n"));
    assert_non_null(strstr(loaded.output, "\n  \"max_body\": \"1000\",\n"));
    assert_non_null(strstr(loaded.output, "\n  \"log\": \"off\",\n"));
    struct loaded again = load(&(struct given){.file = loaded.output, .flags = {"--check-config"}});
    assert_string_equal(again.output, loaded.output);
    release(&again);
    release(&loaded);
}

static void assert_fits_a_terminal(const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (length > 80 || (length > 0 && text[length - 1] == ' ') || text[length] != '\n')
            fail_msg("'%.*s' does not fit", (int)length, text);
        text += length + 1;
    }
}

static void test_help_names_every_option(void **state)
{
    (void)state;
    struct loaded loaded = load(&(struct given){.flags = {"--help", "all"}});
    char name[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];
    char line[256];
    assert_int_equal(loaded.verdict, CONFIG_DONE);
    assert_string_equal(loaded.errors, "");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        option_name(&option_table[i], NAME_FLAG, name);
        assert_non_null(strstr(loaded.output, name));
    }
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const char *text = option_table[i].default_text;
        value_range(&option_table[i], range);
        (void)snprintf(line, sizeof line, "default %s, allowed %s\n", *text != '\0' ? text : "none",
                       range);
        assert_non_null(strstr(loaded.output, line));
    }
    assert_fits_a_terminal(loaded.output);
    assert_non_null(strstr(loaded.output, ";\n                            the default ends"));
    release(&loaded);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* 24 lines, of which the prompt takes one. */
static void test_help_fits_a_screen_and_names_every_option(void **state)
{
    (void)state;
    struct loaded loaded = load(&(struct given){.flags = {"--help"}});
    char name[NAME_TEXT_BYTES];
    assert_int_equal(loaded.verdict, CONFIG_DONE);
    assert_fits_a_terminal(loaded.output);
    assert_true(count_lines(loaded.output) <= 23);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        option_name(&option_table[i], NAME_FLAG, name);
        assert_non_null(strstr(loaded.output, name));
    }
    release(&loaded);
}

/* Its options and no other's, in the words of the whole. */
static void test_help_of_a_group_is_a_part_of_the_whole(void **state)
{
    (void)state;
    struct loaded all = load(&(struct given){.flags = {"--help=all"}});
    for (int group = 0; group < GROUP_COUNT; group++) {
        struct loaded loaded =
            load(&(struct given){.flags = {"--help", option_groups[group].name}});
        assert_int_equal(loaded.verdict, CONFIG_DONE);
        assert_non_null(strstr(all.output, loaded.output));
        for (size_t i = 0; i < OPTION_COUNT; i++) {
            const struct option *option = &option_table[i];
            bool is_there = strstr(loaded.output, option->meaning) != NULL ||
                            strlen(option->meaning) > 40; /* which may be wrapped */
            if ((int)option->group == group)
                assert_true(is_there);
            else if (strlen(option->meaning) <= 40)
                assert_false(is_there);
        }
        release(&loaded);
    }
    release(&all);
}

static void test_markdown_has_a_row_for_every_setting(void **state)
{
    (void)state;
    struct loaded loaded = load(&(struct given){.flags = {"--help=markdown"}});
    char variable[NAME_TEXT_BYTES];
    size_t lines = 0;
    assert_int_equal(loaded.verdict, CONFIG_DONE);
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        option_name(&option_table[i], NAME_VARIABLE, variable);
        assert_non_null(strstr(loaded.output, variable));
    }
    for (const char *line = loaded.output; *line != '\0'; line = strchr(line, '\n') + 1) {
        size_t bars = 0;
        for (const char *byte = line; *byte != '\n'; byte++)
            bars += *byte == '|';
        assert_int_equal(bars, 6);
        lines++;
    }
    assert_int_equal(lines, 2 + OPTION_SETTINGS);
    release(&loaded);
}

static void test_help_and_version_win_over_all_mistakes(void **state)
{
    (void)state;
    static const struct {
        struct given given;
        const char *begins;
    } cases[] = {
        {{.flags = {"-h"}}, "Usage: awaitd "},
        {{.flags = {"-h", "limits"}}, "\nLimits\n"},
        {{.flags = {"--port=x", "--completion", "fish"}}, "# fish completion of awaitd"},
        {{.flags = {"--nonsense", "--help"}}, "Usage: awaitd "},
        {{.flags = {"--help", "--port", "x"}, .environment = {"AWAITD_NONSENSE=1"}}, "Usage: "},
        {{.flags = {"--version", "--help"}}, "Usage: "},
        {{.flags = {"--version"}}, "awaitd "},
        {{.flags = {"--port=x", "-V"}}, "awaitd "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct loaded loaded = load(&cases[i].given);
        assert_int_equal(loaded.verdict, CONFIG_DONE);
        assert_string_equal(loaded.errors, "");
        assert_memory_equal(loaded.output, cases[i].begins, strlen(cases[i].begins));
        release(&loaded);
    }
}

static void test_free_takes_what_was_never_loaded(void **state)
{
    (void)state;
    struct config config = {0};
    config_free(&config);
    config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_config_prints_what_loads_again),
        cmocka_unit_test(test_check_config_shows_every_source),
        cmocka_unit_test(test_help_names_every_option),
        cmocka_unit_test(test_help_fits_a_screen_and_names_every_option),
        cmocka_unit_test(test_help_of_a_group_is_a_part_of_the_whole),
        cmocka_unit_test(test_markdown_has_a_row_for_every_setting),
        cmocka_unit_test(test_help_and_version_win_over_all_mistakes),
        cmocka_unit_test(test_free_takes_what_was_never_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
