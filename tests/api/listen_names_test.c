/*
 * Names that stand for addresses which this machine does not have (tests/support/preload/names.c),
 * and the variable HOST, which shells and build tools set for themselves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/handover.h"
#include "tests/support/http.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check_serves(const struct service *service)
{
    struct answer answer = http_get(service, "/hi?delay=0");
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
}

/* localhost is ::1 too, and lo may have none. */
static void what_can_be_bound_is_listened_on(void **state)
{
    (void)state;
    static const char *const names[] = {"half.test", "half-last.test"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct service service;
        char expected[64];
        (void)setenv("LD_PRELOAD", AWAITD_NAMES_LIBRARY, 1);
        service_start_bare(&service,
                           (const char *const[]){"--host", names[i], "--threads=2", NULL});
        (void)unsetenv("LD_PRELOAD");
        (void)snprintf(expected, sizeof expected, "http://127.0.0.1:%d", service.port);
        assert_non_null(strstr(service.started, expected));
        assert_null(strstr(service.started, "2001:db8"));
        check_serves(&service);
        service_stop(&service);
    }
}

/* What another program has is no address that is missing. */
static void what_is_in_use_is_an_error_still(void **state)
{
    (void)state;
    char flag[32];
    char expected[128];
    int fd = handover_listen(0);
    (void)snprintf(flag, sizeof flag, "--port=%d", handover_port(fd));
    (void)snprintf(expected, sizeof expected,
                   "awaitd: cannot listen on 127.0.0.1:%d: Address already in use\n",
                   handover_port(fd));
    struct outcome outcome =
        service_run((const char *const[]){"--host=half.test", flag, NULL},
                    (const char *const[]){"LD_PRELOAD=" AWAITD_NAMES_LIBRARY, NULL});
    assert_int_equal(outcome.status, 1);
    assert_string_equal(outcome.errors, expected);
    (void)close(fd);
}

static void nothing_that_can_be_bound_is_an_error(void **state)
{
    (void)state;
    struct outcome outcome =
        service_run((const char *const[]){"--host=nowhere.test", "--port=0", NULL},
                    (const char *const[]){"LD_PRELOAD=" AWAITD_NAMES_LIBRARY, NULL});
    assert_int_equal(outcome.status, 1);
    assert_string_equal(outcome.output, "");
    assert_string_equal(outcome.errors,
                        "awaitd: cannot listen on 192.0.2.1:0: Cannot assign requested address\n");
}

/* ---- HOST ------------------------------------------------------------------------------------ */

#define OVERRULE "; AWAITD_HOST or --host overrules the variable HOST\n"

static void the_variable_is_named_that_gave_the_host(void **state)
{
    (void)state;
    static const struct {
        const char *variable;
        const char *begins;
    } cases[] = {
        {"HOST=x86_64..conda-linux-gnu",
         "awaitd: HOST: cannot listen on host 'x86_64..conda-linux-gnu': "},
        {"HOST=192.0.2.1", "awaitd: HOST: cannot listen on host '192.0.2.1', 192.0.2.1:0: "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = service_run((const char *const[]){"--port=0", NULL},
                                             (const char *const[]){cases[i].variable, NULL});
        assert_int_equal(outcome.status, 1);
        assert_memory_equal(outcome.errors, cases[i].begins, strlen(cases[i].begins));
        assert_non_null(strstr(outcome.errors, OVERRULE));
    }
}

static void another_source_is_not_blamed_on_the_variable(void **state)
{
    (void)state;
    struct outcome outcome =
        service_run((const char *const[]){"--port=0", "--host=192.0.2.1", NULL},
                    (const char *const[]){"HOST=192.0.2.1", NULL});
    assert_int_equal(outcome.status, 1);
    assert_null(strstr(outcome.errors, "HOST"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_bound_is_listened_on),
        cmocka_unit_test(what_is_in_use_is_an_error_still),
        cmocka_unit_test(nothing_that_can_be_bound_is_an_error),
        cmocka_unit_test(the_variable_is_named_that_gave_the_host),
        cmocka_unit_test(another_source_is_not_blamed_on_the_variable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
