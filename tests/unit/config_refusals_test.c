/*
 * What awaitd does not start with: each message whole, as the operator reads it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/config_case.h"

static void test_bad_command_lines(void **state)
{
    (void)state;
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
        {{.flags = {"--log", "JSON"}},
         "--log: 'JSON' is not allowed: one of auto, text, json or off"},
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
        {{.flags = {"--help=html"}},
         "--help: 'html' is not allowed: nothing, all, listening, limits, timeouts, logging, live, "
         "other, "
         "markdown or man"},
        {{.flags = {"--max-dealy", "1s"}},
         "'--max-dealy' is not a flag: did you mean --max-delay?"},
        {{.flags = {"--max_delay=1s"}}, "'--max_delay' is not a flag: did you mean --max-delay?"},
        {{.flags = {"--max-dela", "1s"}}, "'--max-dela' is not a flag: did you mean --max-delay?"},
        {{.flags = {"--max-tusty"}}, "'--max-tusty' is not a flag: did you mean --max-tasks?"},
        {{.flags = {"-port", "80"}}, "'-port' is not a flag: did you mean --port?"},
        {{.flags = {"--versoin"}}, "'--versoin' is not a flag: did you mean --version?"},
        {{.flags = {"--max"}}, "'--max' is not a flag: awaitd --help names them all"},
        {{.flags = {"--"}}, "'--' is not a flag: awaitd --help names them all"},
        {{.flags = {"serve-it-now"}},
         "'serve-it-now' is not a flag: each begins with --, and awaitd takes nothing else; awaitd "
         "--help names them all"},
        {{.flags = {""}},
         "'' is not a flag: each begins with --, and awaitd takes nothing else; awaitd --help "
         "names "
         "them all"},
        {{.flags = {"port"}}, "'port' is not a flag: did you mean --port?"},
        {{.flags = {"--completion=csh"}}, "--completion: 'csh' is not allowed: bash, zsh or fish"},
        {{.flags = {"--completion"}}, "--completion: '' is not allowed: bash, zsh or fish"},
        {{.flags = {"\x1b]0;owned\a"}},
         "'\\x1b]0;owned\\x07' is not a flag: each begins with --, and awaitd takes nothing else; "
         "awaitd --help names them all"},
        {{.flags = {"--config", "/nowhere/awaitd.json"}},
         "--config: '/nowhere/awaitd.json' cannot be read: No such file or directory"},
        {{.flags = {"--config=/"}}, "--config: '/' cannot be read: Is a directory"},
    };
    assert_all_refused(cases, COUNT(cases));
}

static void test_bad_environments(void **state)
{
    (void)state;
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
        {{.environment = {"AWAITD_NOTHING_OF_OURS=mine"}},
         "'AWAITD_NOTHING_OF_OURS' is not a variable of awaitd: awaitd --help "
         "names them all"},
        {{.environment = {"AWAITD_CONFIG=/nowhere/awaitd.json"}},
         "AWAITD_CONFIG: '/nowhere/awaitd.json' cannot be read: No such file or directory"},
    };
    assert_all_refused(cases, COUNT(cases));
}

static void test_bad_files(void **state)
{
    (void)state;
    static const struct bad_case cases[] = {
        {{.file = "{\"max_count\": 0}"},
         ": key \"max_count\": '0' is not allowed: a whole number from 1 to 1000000"},
        {{.file = "{\"max_count\": 1.5}"},
         ": key \"max_count\": '1.5' is not allowed: a whole number from 1 to 1000000"},
        {{.file = "{\"log\": \"off\", \"max_count\": 1E+07}"},
         ": key \"max_count\": '1E+07' is not allowed: a whole number from 1 to 1000000"},
        {{.file = "{\"max_count\": 10000000.0}"},
         ": key \"max_count\": '10000000.0' is not allowed: a whole number from 1 to 1000000"},
        {{.file = "{\"max_delay\": 1e5}"},
         ": key \"max_delay\": '1e5' is not allowed: a duration from 0s to 86400s, such as 250ms "
         "or 1.5s"},
        {{.file = "{\"host\": 1e1}"},
         ": key \"host\": '1e1' is not allowed: printable UTF-8 of 1 to 255 bytes"},
        {{.file = "{\"max_delay\": 1e999}"}, ":1:19: real number overflow near '1e999'"},
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
        {{.file = "{\"log\": 0}"},
         ": key \"log\": '0' is not allowed: one of auto, text, json or off"},
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
    assert_all_refused(cases, COUNT(cases));
}

static void test_settings_that_contradict_each_other(void **state)
{
    (void)state;
    static const struct bad_case cases[] = {
        {{.flags = {"--max-tasks=999"}},
         "max_count 1000 is more than max_tasks 999, so the largest request could never run: lower "
         "max_count or raise max_tasks"},
        {{.flags = {"--max-count=6"}, .environment = {"AWAITD_MAX_TASKS=5"}},
         "max_count 6 is more than max_tasks 5, so the largest request could never run: lower "
         "max_count or raise max_tasks"},
        {{.flags = {"--port=9090", "--admin-port=9090"}},
         "port and admin_port are both 9090: give one of them another number"},
        {{.flags = {"--admin-port=8080"}, .environment = {"LISTEN_PID=1"}},
         "port and admin_port are both 8080: give one of them another number"},
        {{.flags = {"--tls-cert=c", "--tls-key=k"}, .environment = {"PORT=8443"}},
         "port and tls_port are both 8443: give one of them another number"},
        {{.flags = {"--tls-cert=c", "--tls-key=k", "--plain=off"},
          .environment = {"AWAITD_ADMIN_PORT=8443"}},
         "tls_port and admin_port are both 8443: give one of them another number"},
        {{.flags = {"--max-tasks=1", "--check-config"}},
         "max_count 1000 is more than max_tasks 1, so the largest request could never run: lower "
         "max_count or raise max_tasks"},
    };
    assert_all_refused(cases, COUNT(cases));
}

#define NO_NETWORK                                                                                 \
    "' is not allowed: unix, an address, or a network such as 10.0.0.0/8 or fd00::/8, with no "    \
    "bit "                                                                                         \
    "past its prefix"

static void test_networks(void **state)
{
    (void)state;
    static const struct bad_case cases[] = {
        {{.flags = {"--trusted-proxies", "10.0.0.1/8"}}, "trusted_proxies: '10.0.0.1/8" NO_NETWORK},
        {{.environment = {"AWAITD_TRUSTED_PROXIES=unix, 10.0.0.0/8, fd00::/129,x"}},
         "trusted_proxies: 'fd00::/129" NO_NETWORK},
        {{.flags = {"--trusted-proxies", "localhost"}}, "trusted_proxies: 'localhost" NO_NETWORK},
        {{.flags = {"--trusted-proxies", "10.0.0.0/8 fd00::/8"}},
         "trusted_proxies: '10.0.0.0/8 fd00::/8" NO_NETWORK},
        {{.flags = {"--trusted-proxies", ",10.0.0.0/8"}}, "trusted_proxies: '" NO_NETWORK},
    };
    assert_all_refused(cases, COUNT(cases));
}

static void test_networks_have_a_bound(void **state)
{
    (void)state;
    char list[1024] = "unix";
    for (int i = 0; i < 64; i++)
        (void)snprintf(list + strlen(list), sizeof list - strlen(list), ",10.0.0.%d", i);
    struct loaded loaded = load(&(struct given){.flags = {"--trusted-proxies", list}});
    assert_served(&loaded);
    release(&loaded);
    (void)strcat(list, ",::1");
    loaded = load(&(struct given){.flags = {"--trusted-proxies", list}});
    assert_refused(&loaded, "", "trusted_proxies: '::1' is one too many: 64 networks are allowed");
    release(&loaded);
}

/* However much is given by mistake, the message is one short line. */
static void test_long_values_are_cut(void **state)
{
    (void)state;
    char value[4096];
    char flag[4096 + 16];
    memset(value, 'y', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    (void)snprintf(flag, sizeof flag, "--port=%s", value);
    struct loaded loaded = load(&(struct given){.flags = {flag}});
    assert_int_equal(loaded.verdict, CONFIG_WRONG);
    assert_non_null(strstr(loaded.errors, "yyy...' is not allowed"));
    assert_true(strlen(loaded.errors) < 200);
    release(&loaded);
    loaded = load(&(struct given){.flags = {value}});
    assert_int_equal(loaded.verdict, CONFIG_WRONG);
    assert_true(strlen(loaded.errors) < 200);
    release(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_command_lines),
        cmocka_unit_test(test_bad_environments),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_settings_that_contradict_each_other),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_networks_have_a_bound),
        cmocka_unit_test(test_long_values_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
