/*
 * awaitd as a program: what it prints and exits with, and that what is set on the command line, in
 * the environment and in a file holds for those who ask over HTTP. tests/unit/config_*_test.c have
 * every value and message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/control.h"
#include "tests/support/count.h"
#include "tests/support/handover.h"
#include "tests/support/http.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MOST 5

/* ---- programs that end at once -------------------------------------------------------------- */

struct run_case {
    const char *arguments[WORDS_MOST];
    const char *environment[WORDS_MOST];
    int status;
    const char *output; /* what each begins with; "" is nothing at all */
    const char *errors;
};

static const struct run_case printed[] = {
    {{"--help"}, {NULL}, 0, "Usage: awaitd [OPTION]...", ""},
    {{"-h"}, {NULL}, 0, "Usage: awaitd [OPTION]...", ""},
    {{"--help=markdown"}, {NULL}, 0, "| Option | Environment | Default |", ""},
    {{"--version"}, {NULL}, 0, "awaitd 0.1.0\n", ""},
    {{"-V"}, {NULL}, 0, "awaitd 0.1.0\n", ""},
    {{"--check-config"}, {NULL}, 0, "{\n  \"host\": \"::\",\n  \"port\": 8080,\n", ""},
    {{"--check-config", "--host=x"},
     {"PORT=81"},
     0,
     "{\n  \"host\": \"x\",\n  \"port\": 81,\n",
     ""},
};

static const struct run_case wrong_usage[] = {
    {{"--prot=80"}, {NULL}, 2, "", "awaitd: '--prot' is not a flag: did you mean --port?\n"},
    {{"--port"}, {NULL}, 2, "", "awaitd: --port: needs a value: --port=NUMBER\n"},
    {{"--port=65536"},
     {NULL},
     2,
     "",
     "awaitd: --port: '65536' is not allowed: a whole number from 0 to 65535\n"},
    {{"--check-config", "--max-count=0"}, {NULL}, 2, "", "awaitd: --max-count: '0' is not"},
    {{NULL}, {"AWAITD_LOG=loud"}, 2, "", "awaitd: AWAITD_LOG: 'loud' is not allowed: one of auto"},
    {{NULL}, {"AWAITD_PORTT=1"}, 2, "", "awaitd: 'AWAITD_PORTT' is not a variable of awaitd: did"},
    {{"--config=/nowhere/awaitd.json"}, {NULL}, 2, "", "awaitd: --config: '/nowhere/awaitd.json' "},
    {{"serve"}, {NULL}, 2, "", "awaitd: 'serve' is not a flag: each begins with --"},
};

static const struct run_case cannot_serve[] = {
    {{"--port=0", "--host=bad..name"},
     {NULL},
     1,
     "",
     "awaitd: cannot listen on host 'bad..name': "},
    {{"--port=0", "--host=192.0.2.1"}, {NULL}, 1, "", "awaitd: cannot listen on 192.0.2.1:0: "},
    {{"--port=0", "--host=127.0.0.1", "--unix=/nowhere/awaitd.sock"},
     {NULL},
     1,
     "",
     "awaitd: cannot listen on /nowhere/awaitd.sock: No such file or directory\n"},
    {{"--port=0", "--host=127.0.0.1", "--unix=/etc/hostname"},
     {NULL},
     1,
     "",
     "awaitd: cannot listen on /etc/hostname: Address already in use\n"},
};

static bool begins(const char *text, const char *with)
{
    return with[0] == '\0' ? text[0] == '\0' : strncmp(text, with, strlen(with)) == 0;
}

static void check_runs(const struct run_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct outcome outcome = service_run(cases[i].arguments, cases[i].environment);
        if (outcome.status != cases[i].status || !begins(outcome.output, cases[i].output) ||
            !begins(outcome.errors, cases[i].errors))
            fail_msg("case %zu: %d\n%s\n%s", i, outcome.status, outcome.output, outcome.errors);
    }
}

static void what_was_asked_is_printed(void **state)
{
    (void)state;
    check_runs(printed, COUNT(printed));
}

static void wrong_usage_exits_with_2_and_a_line(void **state)
{
    (void)state;
    check_runs(wrong_usage, COUNT(wrong_usage));
}

static void what_cannot_be_listened_on_exits_with_1_and_the_reason(void **state)
{
    (void)state;
    check_runs(cannot_serve, COUNT(cannot_serve));
}

/* Another program's port: it did not agree to share it. */
static void a_port_that_is_taken_is_named(void **state)
{
    (void)state;
    char flag[32];
    char expected[96];
    int fd = handover_listen(0);
    (void)snprintf(flag, sizeof flag, "--port=%d", handover_port(fd));
    (void)snprintf(expected, sizeof expected,
                   "awaitd: cannot listen on 127.0.0.1:%d: Address already in use\n",
                   handover_port(fd));
    const char *const arguments[] = {"--host=127.0.0.1", flag, NULL};
    struct outcome outcome = service_run(arguments, NULL);
    assert_int_equal(outcome.status, 1);
    assert_string_equal(outcome.errors, expected);
    assert_string_equal(outcome.output, "");
    (void)close(fd);
}

/* ---- what was set holds --------------------------------------------------------------------- */

struct limit_case {
    const char *path;
    long status;
};

/* With max_delay 30ms, max_count 4, max_duration 70ms. */
static const struct limit_case limits[] = {
    {"/hi?delay=30ms", 200},
    {"/hi?delay=30001us", 400},
    {"/parallel?count=4&delay=10ms", 200},
    {"/parallel?count=5&delay=10ms", 400},
    {"/sequence?count=2&delay=30ms", 200},
    {"/sequence?count=3&delay=30ms", 400},
    {"/hi", 200}, /* the default gives way to a limit below it */
};

static void check_limits(const struct service *service)
{
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct answer answer = http_get(service, limits[i].path);
        if (answer.status != limits[i].status)
            fail_msg("%s: %ld %s", limits[i].path, answer.status, answer.body);
        answer_free(&answer);
    }
}

static void flags_hold(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--max-delay",    "30ms", "--max-count=4",
                                            "--max-duration", "0.07", NULL};
    struct service service;
    service_start(&service, arguments);
    check_limits(&service);
    service_stop(&service);
}

static void variables_hold(void **state)
{
    (void)state;
    struct service service;
    static const char *const names[] = {"AWAITD_MAX_DELAY", "AWAITD_MAX_COUNT",
                                        "AWAITD_MAX_DURATION", "AWAITD_PORT"};
    static const char *const values[] = {"30ms", "4", "70ms", "1"};
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(setenv(names[i], values[i], 1), 0);
    service_start(&service, NULL); /* its --port=0 wins over AWAITD_PORT */
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(unsetenv(names[i]), 0);
    check_limits(&service);
    service_stop(&service);
}

static void a_file_holds(void **state)
{
    (void)state;
    static const char json[] =
        "{\"max_delay\": 0.03, \"max_count\": 4, \"max_duration\": \"70ms\"}";
    char folder[TEST_FOLDER_BYTES];
    char path[64];
    struct service service;
    test_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/awaitd.json", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(json, file) >= 0);
    assert_int_equal(fclose(file), 0);
    const char *const arguments[] = {"--config", path, NULL};
    service_start(&service, arguments);
    (void)unlink(path);
    (void)rmdir(folder);
    check_limits(&service);
    service_stop(&service);
}

/* --threads says how many loops there are: with one, too, all are served, and together: one after
   another they would take 20 s. */
static void one_thread_is_enough(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--host=127.0.0.1", "--threads=1", "--log=off", NULL};
    struct service service;
    service_start_bare(&service, arguments);
    const struct ask plain = {0};
    struct control control;
    control_begin(&control);
    struct answer *answers = http_many(&service, "/hi?delay=1s", &plain, 20);
    double late_s = control_end(&control);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(answers[i].status, 200);
        assert_prompt(answers[i].seconds, 1.7, late_s);
        answer_free(&answers[i]);
    }
    free(answers);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_asked_is_printed),
        cmocka_unit_test(wrong_usage_exits_with_2_and_a_line),
        cmocka_unit_test(what_cannot_be_listened_on_exits_with_1_and_the_reason),
        cmocka_unit_test(a_port_that_is_taken_is_named),
        cmocka_unit_test(flags_hold),
        cmocka_unit_test(variables_hold),
        cmocka_unit_test(a_file_holds),
        cmocka_unit_test(one_thread_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
