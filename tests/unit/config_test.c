#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/duration.h"
#include "config/names.h"
#include "config/options.h"
#include "config/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_MAX    6

/* What an operator wrote; a `file` is stored and named by --config, and FILE stands for its path.
 */
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

static void store(const char *json, char path[32])
{
    strcpy(path, "/tmp/awaitd_config_XXXXXX");
    int descriptor = mkstemp(path);

    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, json, strlen(json)), strlen(json));
    close(descriptor);
}

/* config_load() takes what main() gets, which is not const though nobody writes to it. */
static size_t copy_words(const char *const words[WORDS_MAX], char **copy)
{
    size_t count = 0;

    for (; count < WORDS_MAX && words[count]; count++) {
        copy[count] = (char *)words[count];
    }
    copy[count] = NULL;
    return count;
}

static struct loaded load(const struct given *given)
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
    if (given->file) {
        store(given->file, loaded.path);
        arguments[count++] = config_flag;
        arguments[count++] = loaded.path;
        arguments[count] = NULL;
    }

    FILE *output = open_memstream(&loaded.output, &output_bytes);
    FILE *errors = open_memstream(&loaded.errors, &errors_bytes);
    loaded.verdict = config_load(&loaded.config, arguments, environment, output, errors);
    fclose(output);
    fclose(errors);
    if (given->file) {
        unlink(loaded.path);
    }
    return loaded;
}

static void release(struct loaded *loaded)
{
    config_free(&loaded->config);
    free(loaded->output);
    free(loaded->errors);
}

static const struct option *option_named(const char *name)
{
    const struct option *option = name_find(NAME_KEY, name, strlen(name));

    assert_non_null(option);
    return option;
}

static void assert_served(const struct loaded *loaded)
{
    assert_string_equal(loaded->errors, "");
    assert_string_equal(loaded->output, "");
    assert_int_equal(loaded->verdict, CONFIG_SERVE);
}

/* The whole line, so that a message that loses its source, its value or its bounds is noticed. */
static void assert_refused(const struct loaded *loaded, const char *before, const char *after)
{
    char *expected;

    assert_true(asprintf(&expected, "awaitd: %s%s\n", before, after) > 0);
    assert_string_equal(loaded->errors, expected);
    assert_string_equal(loaded->output, "");
    assert_int_equal(loaded->verdict, CONFIG_WRONG);
    free(expected);
}

static void test_defaults(void **state)
{
    struct loaded loaded = load(&(struct given){.file = NULL});
    const struct config *config = &loaded.config;

    (void)state;
    assert_served(&loaded);
    assert_string_equal(config->host, "::");
    assert_int_equal(config->port, 8080);
    assert_string_equal(config->unix_path, "");
    assert_int_equal(config->threads, 0);
    assert_int_equal(config->log, CONFIG_LOG_TEXT);
    assert_int_equal(config->max_delay_ns, 10 * NS_PER_SECOND);
    assert_int_equal(config->max_count, 1000);
    assert_int_equal(config->max_duration_ns, 60 * NS_PER_SECOND);
    assert_int_equal(config->max_tasks, 1000000);
    assert_int_equal(config->max_connections, 20000);
    assert_int_equal(config->max_blocking, 16);
    assert_int_equal(config->max_body_bytes, 65536);
    assert_int_equal(config->max_headers, 64);
    assert_int_equal(config->request_timeout_ns, 10 * NS_PER_SECOND);
    assert_int_equal(config->idle_timeout_ns, 30 * NS_PER_SECOND);
    assert_int_equal(config->write_timeout_ns, 10 * NS_PER_SECOND);
    assert_int_equal(config->drain_timeout_ns, 9 * NS_PER_SECOND);
    release(&loaded);
}

struct number_case {
    struct given given;
    const char *name;
    int64_t number;
};

static void assert_numbers(const struct number_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct loaded loaded = load(&cases[i].given);

        assert_served(&loaded);
        int64_t number = value_number(&loaded.config, option_named(cases[i].name));
        if (number != cases[i].number) {
            fail_msg("case %zu: %s is %" PRId64, i, cases[i].name, number);
        }
        release(&loaded);
    }
}

/* 8080 is the default of port: a value that was given wins even when it equals the default. */
static void test_precedence(void **state)
{
    static const struct number_case cases[] = {
        {{.file = "{\"port\": 1}"}, "port", 1},
        {{.file = "{\"port\": 1}", .environment = {"PORT=2"}}, "port", 2},
        {{.file = "{\"port\": 1}", .environment = {"AWAITD_PORT=3"}}, "port", 3},
        {{.environment = {"PORT=2", "AWAITD_PORT=3"}}, "port", 3},
        {{.environment = {"AWAITD_PORT=3", "PORT=2"}}, "port", 3},
        {{.file = "{\"port\": 1}", .flags = {"--port", "4"}}, "port", 4},
        {{.flags = {"--port", "4"}, .environment = {"PORT=2", "AWAITD_PORT=3"}}, "port", 4},
        {{.file = "{\"port\": 1}", .flags = {"--port=4"}, .environment = {"AWAITD_PORT=3"}},
         "port",
         4},
        {{.file = "{\"port\": 1}", .environment = {"PORT=8080"}}, "port", 8080},
        {{.file = "{\"port\": 1}", .environment = {"AWAITD_PORT=8080"}}, "port", 8080},
        {{.environment = {"PORT=2", "AWAITD_PORT=8080"}}, "port", 8080},
        {{.environment = {"AWAITD_PORT=3"}, .flags = {"--port", "8080"}}, "port", 8080},
        {{.file = "{\"port\": 1}", .flags = {"--port=8080"}}, "port", 8080},
        {{.file = "{\"port\": 1}", .environment = {"AWAITD_PORT=", "PORT="}}, "port", 1},
        {{.environment = {"AWAITD_PORT=", "PORT=2"}}, "port", 2},
        {{.environment = {"AWAITD_PORT=3", "PORT=nonsense"}}, "port", 3},
        {{.file = "{\"max_count\": 5}", .flags = {"--port", "4"}}, "max_count", 5},
        {{.file = "{\"max_count\": 5}", .environment = {"AWAITD_CONFIG=/none"}}, "max_count", 5},
        {{.environment = {"AWAITD_CONFIG=", "AWAITD_NONSENSE="}}, "port", 8080},
    };

    (void)state;
    assert_numbers(cases, COUNT(cases));
}

static void test_text_precedence(void **state)
{
    static const struct {
        struct given given;
        const char *host;
    } cases[] = {
        {{.file = "{\"host\": \"file\"}"}, "file"},
        {{.file = "{\"host\": \"file\"}", .environment = {"HOST=plain"}}, "plain"},
        {{.environment = {"HOST=plain", "AWAITD_HOST=own"}}, "own"},
        {{.environment = {"HOST=plain", "AWAITD_HOST=::"}}, "::"},
        {{.environment = {"AWAITD_HOST=own"}, .flags = {"--host", "-flag"}}, "-flag"},
        {{.file = "{\"host\": \"file\"}", .flags = {"--host=--a=b"}}, "--a=b"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct loaded loaded = load(&cases[i].given);

        assert_served(&loaded);
        assert_string_equal(loaded.config.host, cases[i].host);
        release(&loaded);
    }
}

static void test_config_variable_names_the_file(void **state)
{
    char path[32];
    char variable[64];

    (void)state;
    store("{\"port\": 7}", path);
    snprintf(variable, sizeof(variable), "AWAITD_CONFIG=%s", path);
    struct loaded loaded = load(&(struct given){.environment = {variable}});
    unlink(path);
    assert_served(&loaded);
    assert_int_equal(loaded.config.port, 7);
    release(&loaded);
}

static void test_good_values(void **state)
{
    static const struct number_case cases[] = {
        {{.flags = {"--max-delay", "2.5"}}, "max_delay", 2500 * NS_PER_MS},
        {{.flags = {"--max-delay=2m"}}, "max_delay", 120 * NS_PER_SECOND},
        {{.environment = {"AWAITD_DRAIN_TIMEOUT=15ns"}}, "drain_timeout", 15},
        {{.file = "{\"max_delay\": 2}"}, "max_delay", 2 * NS_PER_SECOND},
        {{.file = "{\"max_delay\": 0.1}"}, "max_delay", 100 * NS_PER_MS},
        {{.file = "{\"max_delay\": 1e1}"}, "max_delay", 10 * NS_PER_SECOND},
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

    (void)state;
    assert_numbers(cases, COUNT(cases));
}

struct bad_case {
    struct given given;
    const char *line;
};

static void assert_all_refused(const struct bad_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct loaded loaded = load(&cases[i].given);

        /* The path of a file leads the line, but of no case that has none. */
        assert_refused(&loaded, loaded.path, cases[i].line);
        release(&loaded);
    }
}

static void test_bad_command_lines(void **state)
{
    static const struct bad_case cases[] = {
        {{.flags = {"--max-count", "0"}},
         "--max-count: '0' is not allowed: a whole number from 1 to 1000000"},
        {{.flags = {"--port="}}, "--port: '' is not allowed: a whole number from 0 to 65535"},
        {{.flags = {"--port", " 80"}},
         "--port: ' 80' is not allowed: a whole number from 0 to 65535"},
        {{.flags = {"--port", "+80"}},
         "--port: '+80' is not allowed: a whole number from 0 to 65535"},
        {{.flags = {"--port", "80x"}},
         "--port: '80x' is not allowed: a whole number from 0 to 65535"},
        {{.flags = {"--port", "0x50"}},
         "--port: '0x50' is not allowed: a whole number from 0 to 65535"},
        {{.flags = {"--port", "99999999999999999999"}},
         "--port: '99999999999999999999' is not allowed: a whole number from 0 to 65535"},
        {{.flags = {"--max-delay", "1h"}},
         "--max-delay: '1h' is not allowed: a duration from 0s to 86400s, such as 250ms or 1.5s"},
        {{.flags = {"--idle-timeout=9ms"}},
         "--idle-timeout: '9ms' is not allowed: a duration from 10ms to 3600s, such as 250ms or "
         "1.5s"},
        {{.flags = {"--max-body", "1GiB"}},
         "--max-body: '1GiB' is not allowed: a size from 0 to 16MiB, such as 512 or 64KiB"},
        {{.flags = {"--max-body", "9223372036854775807KiB"}},
         "--max-body: '9223372036854775807KiB' is not allowed: a size from 0 to 16MiB, such as 512 "
         "or 64KiB"},
        {{.flags = {"--max-body", "KiB"}},
         "--max-body: 'KiB' is not allowed: a size from 0 to 16MiB, such as 512 or 64KiB"},
        {{.flags = {"--log", "JSON"}}, "--log: 'JSON' is not allowed: one of text, json or off"},
        {{.flags = {"--host="}}, "--host: '' is not allowed: printable UTF-8 of 1 to 255 bytes"},
        {{.flags = {"--host", "\xff"}},
         "--host: '\\xff' is not allowed: printable UTF-8 of 1 to 255 bytes"},
        {{.flags = {"--host", "a\x1b[31m\nb"}},
         "--host: 'a\\x1b[31m\\x0ab' is not allowed: printable UTF-8 of 1 to 255 bytes"},
        {{.flags = {"--host", "a\x7f"}},
         "--host: 'a\\x7f' is not allowed: printable UTF-8 of 1 to 255 bytes"},
        {{.flags = {"--port"}}, "--port: needs a value: --port=NUMBER"},
        {{.flags = {"--unix", "--port", "80"}}, "--unix: needs a value: --unix=PATH"},
        {{.flags = {"--port", "1", "--port=1"}}, "--port: given twice; once is allowed"},
        {{.flags = {"--check-config", "--check-config"}},
         "--check-config: given twice; once is allowed"},
        {{.flags = {"--check-config=yes"}}, "--check-config: takes no value, but 'yes' was given"},
        {{.flags = {"--help=html"}}, "--help: 'html' is not allowed: nothing, or markdown"},
        {{.flags = {"--max-dealy", "1s"}},
         "'--max-dealy' is not a flag: did you mean --max-delay?"},
        {{.flags = {"--max_delay=1s"}}, "'--max_delay' is not a flag: did you mean --max-delay?"},
        {{.flags = {"--max-dela", "1s"}}, "'--max-dela' is not a flag: did you mean --max-delay?"},
        {{.flags = {"--max-tusty"}}, "'--max-tusty' is not a flag: did you mean --max-tasks?"},
        {{.flags = {"-port", "80"}}, "'-port' is not a flag: did you mean --port?"},
        {{.flags = {"--versoin"}}, "'--versoin' is not a flag: did you mean --version?"},
        {{.flags = {"--max"}}, "'--max' is not a flag: awaitd --help names them all"},
        {{.flags = {"--"}}, "'--' is not a flag: awaitd --help names them all"},
        {{.flags = {"serve-it-now"}}, "'serve-it-now' is not a flag: awaitd --help names them all"},
        {{.flags = {""}}, "'' is not a flag: awaitd --help names them all"},
        {{.flags = {"\x1b]0;owned\a"}},
         "'\\x1b]0;owned\\x07' is not a flag: awaitd --help names them all"},
        {{.flags = {"--config", "/nowhere/awaitd.json"}},
         "--config: '/nowhere/awaitd.json' cannot be read: No such file or directory"},
        {{.flags = {"--config=/"}}, "--config: '/' cannot be read: Is a directory"},
    };

    (void)state;
    assert_all_refused(cases, COUNT(cases));
}

static void test_bad_environments(void **state)
{
    static const struct bad_case cases[] = {
        {{.environment = {"AWAITD_MAX_COUNT=many"}},
         "AWAITD_MAX_COUNT: 'many' is not allowed: a whole number from 1 to 1000000"},
        {{.environment = {"PORT=http"}},
         "PORT: 'http' is not allowed: a whole number from 0 to 65535"},
        {{.environment = {"AWAITD_PORT=http"}, .flags = {"--port", "80"}},
         "AWAITD_PORT: 'http' is not allowed: a whole number from 0 to 65535"},
        {{.environment = {"AWAITD_MAX_CUONT=1"}},
         "'AWAITD_MAX_CUONT' is not a variable of awaitd: did you mean AWAITD_MAX_COUNT?"},
        {{.environment = {"AWAITD_max_count=1"}},
         "'AWAITD_max_count' is not a variable of awaitd: did you mean AWAITD_MAX_COUNT?"},
        {{.environment = {"AWAITD_CONFG=x"}},
         "'AWAITD_CONFG' is not a variable of awaitd: did you mean AWAITD_CONFIG?"},
        {{.environment = {"AWAITD_HELP=1"}},
         "'AWAITD_HELP' is not a variable of awaitd: awaitd --help names them all"},
        {{.environment = {"AWAITD_CHECK_CONFIG=1"}},
         "'AWAITD_CHECK_CONFIG' is not a variable of awaitd: awaitd --help names them all"},
        {{.environment = {"AWAITD_PROT=tcp://10.0.0.1:80"}},
         "'AWAITD_PROT' is not a variable of awaitd: did you mean AWAITD_PORT?"},
        {{.environment = {"AWAITD_MAX_DELAY=tcp://10.0.0.1:80"}},
         "AWAITD_MAX_DELAY: 'tcp://10.0.0.1:80' is not allowed: a duration from 0s to 86400s, "
         "such as 250ms or 1.5s"},
        {{.environment = {"AWAITD_NAME=mine"}},
         "'AWAITD_NAME' is not a variable of awaitd: awaitd --help names them all"},
        {{.environment = {"AWAITD_CONFIG=/nowhere/awaitd.json"}},
         "AWAITD_CONFIG: '/nowhere/awaitd.json' cannot be read: No such file or directory"},
    };

    (void)state;
    assert_all_refused(cases, COUNT(cases));
}

static void test_bad_files(void **state)
{
    static const struct bad_case cases[] = {
        {{.file = "{\"max_count\": 0}"},
         ": key \"max_count\": '0' is not allowed: a whole number from 1 to 1000000"},
        {{.file = "{\"max_count\": 1.0}"},
         ": key \"max_count\": '1.0' is not allowed: a whole number from 1 to 1000000"},
        {{.file = "{\"port\": null}"},
         ": key \"port\": 'null' is not allowed: a whole number from 0 to 65535"},
        {{.file = "{\"port\": {\"a\": [1]}}"},
         ": key \"port\": '{\"a\":[1]}' is not allowed: a whole number from 0 to 65535"},
        {{.file = "{\"max_delay\": -1}"},
         ": key \"max_delay\": '-1' is not allowed: a duration from 0s to 86400s, such as 250ms "
         "or 1.5s"},
        {{.file = "{\"max_delay\": true}"},
         ": key \"max_delay\": 'true' is not allowed: a duration from 0s to 86400s, such as 250ms "
         "or 1.5s"},
        {{.file = "{\"host\": 80}"},
         ": key \"host\": '80' is not allowed: printable UTF-8 of 1 to 255 bytes"},
        {{.file = "{\"host\": \"a\\u001b\"}"},
         ": key \"host\": 'a\\x1b' is not allowed: printable UTF-8 of 1 to 255 bytes"},
        {{.file = "{\"log\": 0}"}, ": key \"log\": '0' is not allowed: one of text, json or off"},
        {{.file = "{\"max_dealy\": 1}"}, ": key 'max_dealy' is not a key: did you mean max_delay?"},
        {{.file = "{\"max-delay\": 1}"}, ": key 'max-delay' is not a key: did you mean max_delay?"},
        {{.file = "{\"config\": \"other.json\"}"},
         ": key 'config' is not a key: awaitd --help names them all"},
        {{.file = "{\"a\\nb\\u009b\": 1}"},
         ": key 'a\\x0ab\\xc2\\x9b' is not a key: awaitd --help names them all"},
        {{.file = "[]"}, ": holds a list; one object is allowed: {\"max_delay\": \"10s\"}"},
        {{.file = ""}, ":1:0: '[' or '{' expected near end of file"},
        {{.file = "port = 80"}, ":1:4: '[' or '{' expected near 'port'"},
        {{.file = "{\n  \"port\": 80,\n}"}, ":3:1: string or '}' expected near '}'"},
        {{.file = "{\"port\": 1} x"}, ":1:13: end of file expected near 'x'"},
        {{.file = "{\"port\": 1,\n \"port\": 1}"}, ":2:7: duplicate object key near '\"port\"'"},
    };

    (void)state;
    assert_all_refused(cases, COUNT(cases));
}

static void test_settings_that_contradict_each_other(void **state)
{
    static const struct bad_case cases[] = {
        {{.flags = {"--max-tasks=999"}},
         "max_count 1000 is more than max_tasks 999, so the largest request could never run: lower "
         "max_count or raise max_tasks"},
        {{.flags = {"--max-count=6"}, .environment = {"AWAITD_MAX_TASKS=5"}},
         "max_count 6 is more than max_tasks 5, so the largest request could never run: lower "
         "max_count or raise max_tasks"},
        {{.flags = {"--max-tasks=1", "--check-config"}},
         "max_count 1000 is more than max_tasks 1, so the largest request could never run: lower "
         "max_count or raise max_tasks"},
    };

    (void)state;
    assert_all_refused(cases, COUNT(cases));
}

/* However much is given by mistake, the message is one short line. */
static void test_long_values_are_cut(void **state)
{
    char value[4096];
    char flag[4096 + 16];

    (void)state;
    memset(value, 'x', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    snprintf(flag, sizeof(flag), "--port=%s", value);
    struct loaded loaded = load(&(struct given){.flags = {flag}});
    assert_int_equal(loaded.verdict, CONFIG_WRONG);
    assert_non_null(strstr(loaded.errors, "xxx...' is not allowed"));
    assert_true(strlen(loaded.errors) < 200);
    release(&loaded);

    loaded = load(&(struct given){.flags = {value}});
    assert_int_equal(loaded.verdict, CONFIG_WRONG);
    assert_true(strlen(loaded.errors) < 200);
    release(&loaded);
}

/* Kubernetes and Docker describe other services in our namespace of variables. */
static void test_service_links_are_ignored(void **state)
{
    static const struct number_case cases[] = {
        {{.environment = {"AWAITD_PORT=tcp://10.0.0.1:8081"}}, "port", 8080},
        {{.environment = {"AWAITD_PORT=udp://10.0.0.1:53", "PORT=2"}}, "port", 2},
        {{.environment = {"AWAITD_PORT=tcp://10.0.0.1:80"}, .file = "{\"port\": 1}"}, "port", 1},
        {{.environment = {"AWAITD_SERVICE_HOST=10.0.0.1", "AWAITD_SERVICE_PORT=80",
                          "AWAITD_SERVICE_PORT_HTTP=80"}},
         "port",
         8080},
        {{.environment = {"AWAITD_PORT_8080_TCP=tcp://10.0.0.1:8080",
                          "AWAITD_PORT_8080_TCP_ADDR=10.0.0.1", "AWAITD_PORT_8080_TCP_PROTO=tcp"}},
         "port",
         8080},
        {{.environment = {"AWAITD_CANARY_PORT=tcp://10.0.0.1:80",
                          "AWAITD_CANARY_SERVICE_HOST=10.0.0.1",
                          "AWAITD_CANARY_PORT_80_TCP_PORT=80"}},
         "port",
         8080},
        {{.environment = {"AWAITD_NAME=/client/awaitd", "AWAITD_ENV_PATH=/bin"}}, "port", 8080},
    };

    (void)state;
    assert_numbers(cases, COUNT(cases));
}

enum { FROM_FLAG, FROM_VARIABLE, FROM_FILE, FROM_COUNT };

/* Gives `text` for the option in one source; max_count makes way for a small max_tasks. */
static struct loaded load_one(const struct option *option, int from, const char *text)
{
    struct given given = {.environment = {"AWAITD_MAX_COUNT=1"}};
    char name[NAME_TEXT_BYTES];
    char word[512];

    if (strcmp(option->name, "max_count") == 0) {
        given.environment[0] = NULL;
    }
    name_write(option, from == FROM_FLAG ? NAME_FLAG : NAME_VARIABLE, name);
    if (from == FROM_FILE) {
        snprintf(word, sizeof(word), "{\"%s\": \"%s\"}", option->name, text);
        given.file = word;
    } else {
        snprintf(word, sizeof(word), "%s=%s", name, text);
        given.flags[0] = from == FROM_FLAG ? word : NULL;
        given.environment[1] = from == FROM_VARIABLE ? word : NULL;
        if (!given.environment[0]) {
            given.environment[0] = given.environment[1];
            given.environment[1] = NULL;
        }
    }
    return load(&given);
}

static void assert_allowed(const struct option *option, int from, const char *text)
{
    struct loaded loaded = load_one(option, from, text);

    if (loaded.verdict != CONFIG_SERVE) {
        fail_msg("%s %s: %s", option->name, text, loaded.errors);
    }
    release(&loaded);
}

static void assert_not_allowed(const struct option *option, int from, const char *text)
{
    struct loaded loaded = load_one(option, from, text);
    char allowed[VALUE_ALLOWED_BYTES];
    char name[NAME_TEXT_BYTES];

    if (loaded.verdict != CONFIG_WRONG) {
        fail_msg("%s %s was allowed", option->name, text);
    }
    name_write(option,
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
    snprintf(text, VALUE_TEXT_BYTES, "%" PRId64 "%s", number,
             option->kind == KIND_DURATION ? "ns" : "");
}

static void test_both_sides_of_every_bound(void **state)
{
    char text[VALUE_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];

        if (option->kind == KIND_TEXT || option->kind == KIND_CHOICE) {
            continue;
        }
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
    char text[512];

    (void)state;
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];
        size_t maximum = (size_t)option->maximum;

        if (option->kind != KIND_TEXT) {
            continue;
        }
        memset(text, 'x', sizeof(text));
        text[maximum] = '\0';
        assert_allowed(option, FROM_FLAG, text);
        text[maximum] = 'x';
        text[maximum + 1] = '\0';
        struct loaded loaded = load_one(option, FROM_FLAG, text);
        assert_int_equal(loaded.verdict, CONFIG_WRONG);
        release(&loaded);
    }
}

/* Two rows with the same name or field would hide one another. */
static void test_table_is_sound(void **state)
{
    struct config config = {0};
    char text[VALUE_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        assert_non_null(option_table[i].name);
        assert_non_null(option_table[i].meaning);
    }
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];

        assert_int_equal(option->offset, i * sizeof(int64_t));
        assert_ptr_equal(option_named(option->name), option);
        assert_true(value_set(&config, option, option->default_text));
        if (option->kind != KIND_TEXT) {
            value_write(option, value_number(&config, option), text);
            assert_string_equal(text, option->default_text);
        }
    }
    config_free(&config);
}

/* Nothing here equals its default. */
static const char everything[] = "{\n"
                                 "  \"host\": \"d\xc3\xa9j\xc3\xa0 \\\"vu\\\"\",\n"
                                 "  \"port\": 81,\n"
                                 "  \"unix\": \"/run/awaitd.sock\",\n"
                                 "  \"threads\": 2,\n"
                                 "  \"log\": \"json\",\n"
                                 "  \"max_delay\": \"1.000000001s\",\n"
                                 "  \"max_count\": 7,\n"
                                 "  \"max_duration\": \"250ms\",\n"
                                 "  \"max_tasks\": 9,\n"
                                 "  \"max_connections\": 11,\n"
                                 "  \"max_blocking\": 12,\n"
                                 "  \"max_body\": \"3MiB\",\n"
                                 "  \"max_headers\": 14,\n"
                                 "  \"request_timeout\": \"15s\",\n"
                                 "  \"idle_timeout\": \"16ms\",\n"
                                 "  \"write_timeout\": \"17.5s\",\n"
                                 "  \"drain_timeout\": \"18ns\"\n"
                                 "}\n";

static void test_check_config_prints_what_loads_again(void **state)
{
    struct loaded loaded = load(&(struct given){.file = everything, .flags = {"--check-config"}});

    (void)state;
    assert_string_equal(loaded.errors, "");
    assert_int_equal(loaded.verdict, CONFIG_DONE);
    assert_string_equal(loaded.output, everything);
    assert_int_equal(loaded.config.drain_timeout_ns, 18);
    assert_string_equal(loaded.config.host, "d\xc3\xa9j\xc3\xa0 \"vu\"");
    release(&loaded);
}

static void test_check_config_shows_every_source(void **state)
{
    struct loaded loaded = load(&(struct given){.file = "{\"port\": 1}",
                                                .environment = {"AWAITD_MAX_BODY=1000"},
                                                .flags = {"--check-config", "--log=off"}});

    (void)state;
    assert_int_equal(loaded.verdict, CONFIG_DONE);
    assert_non_null(strstr(loaded.output, "\n  \"port\": 1,\n"));
    assert_non_null(strstr(loaded.output, "\n  \"max_body\": \"1000\",\n"));
    assert_non_null(strstr(loaded.output, "\n  \"log\": \"off\",\n"));

    struct loaded again = load(&(struct given){.file = loaded.output, .flags = {"--check-config"}});
    assert_string_equal(again.output, loaded.output);
    release(&again);
    release(&loaded);
}

static void assert_fits_a_terminal(const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");

        if (length > 80 || (length > 0 && text[length - 1] == ' ') || text[length] != '\n') {
            fail_msg("'%.*s' does not fit", (int)length, text);
        }
        text += length + 1;
    }
}

static void test_help_names_every_option(void **state)
{
    struct loaded loaded = load(&(struct given){.flags = {"--help"}});
    char name[NAME_TEXT_BYTES];
    char range[VALUE_ALLOWED_BYTES];
    char line[256];

    (void)state;
    assert_int_equal(loaded.verdict, CONFIG_DONE);
    assert_string_equal(loaded.errors, "");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        name_write(&option_table[i], NAME_FLAG, name);
        assert_non_null(strstr(loaded.output, name));
    }
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const char *text = option_table[i].default_text;

        value_range(&option_table[i], range);
        snprintf(line, sizeof(line), "default %s, allowed %s\n", *text ? text : "none", range);
        assert_non_null(strstr(loaded.output, line));
    }
    assert_fits_a_terminal(loaded.output);
    assert_non_null(strstr(loaded.output, ";\n                            the default ends"));
    release(&loaded);
}

static void test_markdown_has_a_row_for_every_setting(void **state)
{
    struct loaded loaded = load(&(struct given){.flags = {"--help=markdown"}});
    char variable[NAME_TEXT_BYTES];
    size_t lines = 0;

    (void)state;
    assert_int_equal(loaded.verdict, CONFIG_DONE);
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        name_write(&option_table[i], NAME_VARIABLE, variable);
        assert_non_null(strstr(loaded.output, variable));
    }
    for (const char *line = loaded.output; *line; line = strchr(line, '\n') + 1) {
        size_t bars = 0;

        for (const char *byte = line; *byte != '\n'; byte++) {
            bars += *byte == '|';
        }
        assert_int_equal(bars, 6);
        lines++;
    }
    assert_int_equal(lines, 2 + OPTION_SETTINGS);
    release(&loaded);
}

static void test_help_and_version_win_over_all_mistakes(void **state)
{
    static const struct {
        struct given given;
        const char *begins;
    } cases[] = {
        {{.flags = {"-h"}}, "Usage: awaitd "},
        {{.flags = {"--nonsense", "--help"}}, "Usage: awaitd "},
        {{.flags = {"--help", "--port", "x"}, .environment = {"AWAITD_NONSENSE=1"}}, "Usage: "},
        {{.flags = {"--version", "--help"}}, "Usage: "},
        {{.flags = {"--version"}}, "awaitd "},
        {{.flags = {"--port=x", "-V"}}, "awaitd "},
    };

    (void)state;
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
    struct config config = {0};

    (void)state;
    config_free(&config);
    config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_text_precedence),
        cmocka_unit_test(test_config_variable_names_the_file),
        cmocka_unit_test(test_good_values),
        cmocka_unit_test(test_bad_command_lines),
        cmocka_unit_test(test_bad_environments),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_settings_that_contradict_each_other),
        cmocka_unit_test(test_long_values_are_cut),
        cmocka_unit_test(test_service_links_are_ignored),
        cmocka_unit_test(test_both_sides_of_every_bound),
        cmocka_unit_test(test_text_lengths),
        cmocka_unit_test(test_table_is_sound),
        cmocka_unit_test(test_check_config_prints_what_loads_again),
        cmocka_unit_test(test_check_config_shows_every_source),
        cmocka_unit_test(test_help_names_every_option),
        cmocka_unit_test(test_markdown_has_a_row_for_every_setting),
        cmocka_unit_test(test_help_and_version_win_over_all_mistakes),
        cmocka_unit_test(test_free_takes_what_was_never_loaded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
