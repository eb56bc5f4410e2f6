/*
 * CPython's asyncio is the reference for every order: the article's program and its variants, run
 * by the system's python3, print the lines that awaitd says, each with the task that says it. Mixed
 * delays differ so much that a busy machine cannot change their order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include <stdlib.h>
#include <string.h>

struct set {
    const char *endpoint;
    const char *sleep;
    const char *delays; /* as both take them: seconds with commas; one for all with a count */
    int count;
};

static const struct set sets[] = {
    {"hi", "awaited", "0.1", 1},
    {"hi", "awaited", "0", 1},
    {"hi", "blocking", "0.05", 1},
    {"hi", "forgotten", "0.1", 1},

    {"parallel", "awaited", "0.1", 3},
    {"parallel", "awaited", "0.1", 1},
    {"parallel", "awaited", "0.1", 50},
    {"parallel", "awaited", "0", 1},
    {"parallel", "awaited", "0", 3},
    {"parallel", "awaited", "0", 100},
    {"parallel", "awaited", "0.3,0.1,0.2", 3},
    {"parallel", "awaited", "0.1,0.2,0.3", 3},
    {"parallel", "awaited", "0.2,0,0.1", 3},
    {"parallel", "awaited", "0,0.1", 2},
    {"parallel", "awaited", "0.3,0.1,0.1,0.3,0.2", 5},
    {"parallel", "blocking", "0.03", 3},
    {"parallel", "blocking", "0", 3},
    {"parallel", "blocking", "0.03,0.01,0.02", 3},
    {"parallel", "forgotten", "0.1", 3},
    {"parallel", "forgotten", "0.3,0,0.1", 3},

    {"sequence", "awaited", "0.05", 3},
    {"sequence", "awaited", "0.1", 1},
    {"sequence", "awaited", "0", 20},
    {"sequence", "awaited", "0.1,0,0.05", 3},
    {"sequence", "blocking", "0.03", 3},
    {"sequence", "blocking", "0.03,0.01", 2},
    {"sequence", "forgotten", "0.1", 3},
};

_Static_assert(COUNT(sets) >= 20, "the issue asks for 20 sets of parameters");

#define TEXT_BYTES 8192

/* ---- Python --------------------------------------------------------------------------------- */

static bool has_list(const struct set *set)
{
    return strchr(set->delays, ',') != NULL;
}

/* One argument for Python: the delays as separate words, one for each hi(). */
static char *put_program(const struct set *set, char *at)
{
    char *delays = at + sprintf(at, " '%s %s", set->endpoint, set->sleep);
    at = delays;
    for (int i = 0; i < (has_list(set) ? 1 : set->count); i++)
        at += sprintf(at, " %s", set->delays);
    for (char *comma = delays; (comma = strchr(comma, ',')) != NULL;)
        *comma = ' ';
    return at + sprintf(at, "'");
}

/* All programs, one after the other, in one Python: starting it is most of its work. */
static FILE *start_python(void)
{
    char command[16384];
    char *at = command + sprintf(command, "exec python3 -W ignore '%s/tests/api/article.py'",
                                 test_source_dir());
    for (size_t i = 0; i < COUNT(sets); i++)
        at = put_program(&sets[i], at);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    return output;
}

/* What the next program printed. */
static void read_program(FILE *output, char *text)
{
    char line[64];
    text[0] = '\0';
    while (fgets(line, sizeof line, output) != NULL && line[0] != '\n')
        (void)strcat(text, line);
}

static void stop_python(FILE *output)
{
    int status = pclose(output);
    if (status != 0)
        fail_msg("python3 ended with status %d; it must be installed for this test", status);
}

/* ---- awaitd --------------------------------------------------------------------------------- */

static void write_path(const struct set *set, char *path, size_t size)
{
    char count[32] = "";
    if (!has_list(set) && strcmp(set->endpoint, "hi") != 0)
        (void)snprintf(count, sizeof count, "&count=%d", set->count);
    (void)snprintf(path, size, "/%s?format=text&timeline=true&sleep=%s&delay=%s%s", set->endpoint,
                   set->sleep, set->delays, count);
}

/* Of each line "0.000004 s  task 1  Hello" all but the time; awaitd's own lines have no task. */
static void keep_what_is_said(const struct answer *answer, char *text)
{
    text[0] = '\0';
    for (const char *line = answer->body; *line != '\0'; line = strchr(line, '\n') + 1) {
        const char *said = strstr(line, " s  task ");
        if (said != NULL && said < strchr(line, '\n'))
            (void)strncat(text, said + 4, strcspn(said + 4, "\n") + 1);
    }
}

/* All at once, while Python is at work. */
static struct answer *ask_awaitd(void)
{
    static char paths[COUNT(sets)][128];
    const char *pointers[COUNT(sets)];
    const struct ask plain = {0};
    for (size_t i = 0; i < COUNT(sets); i++) {
        write_path(&sets[i], paths[i], sizeof paths[i]);
        pointers[i] = paths[i];
    }
    return http_each(&service, pointers, &plain, COUNT(sets));
}

static void every_order_is_that_of_asyncio(void **state)
{
    (void)state;
    char expected[TEXT_BYTES];
    char said[TEXT_BYTES];
    FILE *python = start_python();
    struct answer *answers = ask_awaitd();
    for (size_t i = 0; i < COUNT(sets); i++) {
        read_program(python, expected);
        assert_int_equal(answers[i].status, 200);
        keep_what_is_said(&answers[i], said);
        if (strcmp(said, expected) != 0)
            fail_msg("/%s %s %s: Python says\n%sawaitd says\n%s", sets[i].endpoint, sets[i].sleep,
                     sets[i].delays, expected, said);
        assert_true(strlen(expected) >= (size_t)sets[i].count * strlen("task 1  Hello\n"));
        answer_free(&answers[i]);
    }
    free(answers);
    stop_python(python);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_is_that_of_asyncio),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
