/*
 * One start of awaitd as config_load() sees it: what an operator gave, what came of it, and tables
 * of such cases. Needs cmocka.h before it.
 */
#pragma once

#include "config/load.h"
#include "config/value.h"
#include "tests/support/count.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX 6

/* What an operator wrote; a `file` is stored and named by --config, and
   FILE stands for its path. */
struct given {
    const char *flags[WORDS_MAX];
    const char *environment[WORDS_MAX];
    const char *file;
};

struct loaded {
    enum config_verdict verdict;
    struct config config;
    char *output;
    char *errors;
    char path[32];
};

static inline void store(const char *json, char path[32])
{
    (void)strcpy(path, "/tmp/awaitd_config_XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, json, strlen(json)), strlen(json));
    (void)close(descriptor);
}

/* config_load() takes what main() gets, which is not const though nobody writes to it. */
static inline size_t copy_words(const char *const words[WORDS_MAX], char **copy)
{
    size_t count = 0;
    for (; count < WORDS_MAX && words[count] != NULL; count++)
        copy[count] = (char *)words[count];
    copy[count] = NULL;
    return count;
}

static inline struct loaded load(const struct given *given)
{
    struct loaded loaded = {.path = ""};
    char program[] = "awaitd";
    char config_flag[] = "--config";
    char *arguments[WORDS_MAX + 4] = {program};
    char *environment[WORDS_MAX + 1];
    size_t output_bytes;
    size_t errors_bytes;
    copy_words(given->environment, environment);
    size_t count = 1 + copy_words(given->flags, arguments + 1);
    if (given->file != NULL) {
        store(given->file, loaded.path);
        arguments[count++] = config_flag;
        arguments[count++] = loaded.path;
        arguments[count] = NULL;
    }
    FILE *output = open_memstream(&loaded.output, &output_bytes);
    FILE *errors = open_memstream(&loaded.errors, &errors_bytes);
    loaded.verdict = config_load(&loaded.config, arguments, environment, output, errors);
    (void)fclose(output);
    (void)fclose(errors);
    if (given->file != NULL)
        (void)unlink(loaded.path);
    return loaded;
}

static inline void release(struct loaded *loaded)
{
    config_free(&loaded->config);
    free(loaded->output);
    free(loaded->errors);
}

static inline const struct option *option_named(const char *name)
{
    const struct option *option = option_find(NAME_KEY, name, strlen(name));
    assert_non_null(option);
    return option;
}

static inline void assert_served(const struct loaded *loaded)
{
    assert_string_equal(loaded->errors, "");
    assert_string_equal(loaded->output, "");
    assert_int_equal(loaded->verdict, CONFIG_SERVE);
}

/* The whole line, so that a message that loses its source, its value or its bounds is noticed. */
static inline void assert_refused(const struct loaded *loaded, const char *before,
                                  const char *after)
{
    char *expected;
    assert_true(asprintf(&expected, "awaitd: %s%s\n", before, after) > 0);
    assert_string_equal(loaded->errors, expected);
    assert_string_equal(loaded->output, "");
    assert_int_equal(loaded->verdict, CONFIG_WRONG);
    free(expected);
}

struct number_case {
    struct given given;
    const char *name;
    int64_t number;
};

static inline void assert_numbers(const struct number_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct loaded loaded = load(&cases[i].given);
        assert_served(&loaded);
        int64_t number = value_number(&loaded.config, option_named(cases[i].name));
        if (number != cases[i].number)
            fail_msg("case %zu: %s is %" PRId64, i, cases[i].name, number);
        release(&loaded);
    }
}

struct bad_case {
    struct given given;
    const char *line;
};

static inline void assert_all_refused(const struct bad_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct loaded loaded = load(&cases[i].given);
        /* The path of a file leads the line, but of no case that has none. */
        assert_refused(&loaded, loaded.path, cases[i].line);
        release(&loaded);
    }
}
