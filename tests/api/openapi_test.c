/* /openapi.json: valid, and true of the server that serves it (openapi.py). */
#include "tests/support/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Debian's python3, which has Debian's python3-jsonschema. */
#define PYTHON "/usr/bin/python3"

static void check(const char *const *arguments)
{
    struct service service;
    char command[1024];
    char line[128] = "";
    service_start(&service, arguments);
    (void)snprintf(command, sizeof command, PYTHON " -W ignore '%s/tests/api/openapi.py' '%s'",
                   test_source_dir(), service.base);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(line, sizeof line, pipe));
    assert_int_equal(pclose(pipe), 0);
    assert_true(strncmp(line, "tried ", 6) == 0 && atoi(line + 6) > 50);
    service_stop(&service);
}

static void the_document_is_valid_and_true(void **state)
{
    (void)state;
    check(NULL);
}

static void it_states_the_limits_that_are_in_force(void **state)
{
    (void)state;
    check((const char *const[]){"--max-count", "7", "--max-delay", "30ms", NULL});
}

static void it_leaves_out_what_is_on_the_admin_port(void **state)
{
    (void)state;
    struct service probe;
    struct service service;
    char port[8];
    service_start(&probe, NULL);
    (void)snprintf(port, sizeof port, "%d", probe.port);
    service_stop(&probe);
    service_start(&service, (const char *const[]){"--admin-port", port, NULL});
    struct answer answer = http_get(&service, "/openapi.json");
    assert_non_null(strstr(answer.body, "\"/parallel\""));
    assert_null(strstr(answer.body, "\"/metrics\""));
    answer_free(&answer);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_is_valid_and_true),
        cmocka_unit_test(it_states_the_limits_that_are_in_force),
        cmocka_unit_test(it_leaves_out_what_is_on_the_admin_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
