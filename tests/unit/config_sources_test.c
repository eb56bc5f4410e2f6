/*
 * Where a setting may come from, and which source wins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/config_case.h"
#include "text/duration.h"

static void test_defaults(void **state)
{
    (void)state;
    struct loaded loaded = load(&(struct given){.file = NULL});
    char text[VALUE_TEXT_BYTES];
    assert_served(&loaded);
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];
        if (option->kind == KIND_TEXT) {
            assert_string_equal(value_text(&loaded.config, option), option->default_text);
            continue;
        }
        value_write(option, value_number(&loaded.config, option), text);
        assert_string_equal(text, option->default_text);
    }
    assert_string_equal(loaded.config.host, "::");
    assert_int_equal(loaded.config.port, 8080);
    assert_int_equal(loaded.config.max_delay_ns, 10 * NS_PER_SECOND);
    release(&loaded);
}

/* 8080 is the default of port: a value that was given wins even when it equals the default. */
static void test_precedence(void **state)
{
    (void)state;
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
    assert_numbers(cases, COUNT(cases));
}

static void test_text_precedence(void **state)
{
    (void)state;
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
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct loaded loaded = load(&cases[i].given);
        assert_served(&loaded);
        assert_string_equal(loaded.config.host, cases[i].host);
        release(&loaded);
    }
}

static void test_who_gave_the_host_is_known(void **state)
{
    (void)state;
    static const struct {
        struct given given;
        bool is_from_HOST;
    } cases[] = {
        {{.environment = {"HOST=plain"}}, true},
        {{.environment = {"HOST=plain"}, .file = "{\"host\": \"file\"}"}, true},
        {{.environment = {"HOST=plain"}, .flags = {"--host", "flag"}}, false},
        {{.environment = {"HOST=plain", "AWAITD_HOST=own"}}, false},
        {{.environment = {"HOST="}}, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct loaded loaded = load(&cases[i].given);
        assert_served(&loaded);
        assert_int_equal(loaded.config.host_is_from_HOST, cases[i].is_from_HOST);
        release(&loaded);
    }
}

/* Port 0 is like no other, and what nobody listens on neither. */
static void test_ports_may_be_alike_where_they_do_not_meet(void **state)
{
    (void)state;
    static const struct number_case cases[] = {
        {{.flags = {"--port=0", "--admin-port=0"}}, "port", 0},
        {{.flags = {"--port=8443"}}, "tls_port", 8443},
        {{.flags = {"--port=8443", "--plain=off", "--tls-cert=c", "--tls-key=k"}}, "port", 8443},
        {{.flags = {"--admin-port=8080"}, .environment = {"LISTEN_FDS=1"}}, "admin_port", 8080},
        {{.flags = {"--port=0", "--tls-port=0", "--tls-cert=c", "--tls-key=k"}}, "tls_port", 0},
    };
    assert_numbers(cases, COUNT(cases));
}

static void test_config_variable_names_the_file(void **state)
{
    (void)state;
    char path[32];
    char variable[64];
    store("{\"port\": 7}", path);
    (void)snprintf(variable, sizeof variable, "AWAITD_CONFIG=%s", path);
    struct loaded loaded = load(&(struct given){.environment = {variable}});
    unlink(path);
    assert_served(&loaded);
    assert_int_equal(loaded.config.port, 7);
    release(&loaded);
}

/* Kubernetes and Docker describe other services in our namespace of variables. */
static void test_service_links_are_ignored(void **state)
{
    (void)state;
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
    assert_numbers(cases, COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_text_precedence),
        cmocka_unit_test(test_who_gave_the_host_is_known),
        cmocka_unit_test(test_ports_may_be_alike_where_they_do_not_meet),
        cmocka_unit_test(test_config_variable_names_the_file),
        cmocka_unit_test(test_service_links_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
