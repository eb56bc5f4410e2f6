/*
 * The query: what is understood, what is refused, and that nothing a client can send is anything
 * else. tests/api/errors_test.c has the wording of every refusal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/api/query.h"
#include "server/api/routes.h"
#include "tests/support/count.h"
#include "tests/support/endpoints.h"
#include "text/duration.h"
#include "views/views.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS NS_PER_MS

static const struct config config = {
    .max_delay_ns = 10 * NS_PER_SECOND, .max_count = 1000, .max_duration_ns = 60 * NS_PER_SECOND};

struct parsed {
    bool ok;
    h2o_mem_pool_t pool; /* holds the plan's delays */
    struct query query;
    struct problem problem;
};

/* From a copy of exactly `length` bytes, so that a sanitizer sees one byte too many. */
static void parse_within(const struct config *limits, struct parsed *parsed,
                         const struct endpoint *endpoint, const char *text, size_t length)
{
    char *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, text, length);
    *parsed = (struct parsed){.ok = false};
    h2o_mem_init_pool(&parsed->pool);
    parsed->ok = query_parse((struct text){exact, length}, (struct text){NULL, 0}, endpoint, routes,
                             limits, &parsed->pool, &parsed->query, &parsed->problem);
    free(exact);
}

static void parse(struct parsed *parsed, const struct endpoint *endpoint, const char *text,
                  size_t length)
{
    parse_within(&config, parsed, endpoint, text, length);
}

struct good {
    const struct endpoint *endpoint;
    const char *text;
    uint32_t count;
    uint32_t delay_count;
    int64_t delays_ns[3];
    enum sleep_mode sleep;
    bool timeline;
    const struct view *view;
};

static const struct good goods[] = {
    {&hi_endpoint, "", 1, 1, {1000 * MS}, 0, false, NULL},
    {&parallel_endpoint, "", 3, 1, {1000 * MS}, 0, false, NULL},
    {&sequence_endpoint, "", 3, 1, {1000 * MS}, 0, false, NULL},

    {&hi_endpoint, "delay=0", 1, 1, {0}, 0, false, NULL},
    {&hi_endpoint, "delay=2", 1, 1, {2000 * MS}, 0, false, NULL},
    {&hi_endpoint, "delay=1.5s", 1, 1, {1500 * MS}, 0, false, NULL},
    {&hi_endpoint, "delay=0.000000001s", 1, 1, {1}, 0, false, NULL},
    {&hi_endpoint, "delay=10s", 1, 1, {10000 * MS}, 0, false, NULL},
    {&hi_endpoint, "delay=10000000us", 1, 1, {10000 * MS}, 0, false, NULL},
    {&hi_endpoint, "delay=0.1m", 1, 1, {6000 * MS}, 0, false, NULL},

    {&parallel_endpoint, "count=1", 1, 1, {1000 * MS}, 0, false, NULL},
    {&parallel_endpoint, "count=1000", 1000, 1, {1000 * MS}, 0, false, NULL},
    {&parallel_endpoint, "count=0007", 7, 1, {1000 * MS}, 0, false, NULL},
    {&sequence_endpoint, "count=60", 60, 1, {1000 * MS}, 0, false, NULL},
    {&sequence_endpoint, "count=6&delay=10s", 6, 1, {10000 * MS}, 0, false, NULL},

    {&parallel_endpoint, "delay=3s,1s,2s", 3, 3, {3000 * MS, 1000 * MS, 2000 * MS}, 0, false, NULL},
    {&parallel_endpoint, "delay=3ms,0", 2, 2, {3 * MS, 0}, 0, false, NULL},
    {&parallel_endpoint, "delay=1s,1s&count=2", 2, 2, {1000 * MS, 1000 * MS}, 0, false, NULL},
    {&parallel_endpoint, "count=2&delay=1s,2ms", 2, 2, {1000 * MS, 2 * MS}, 0, false, NULL},
    {&parallel_endpoint, "count=5&delay=7ms", 5, 1, {7 * MS}, 0, false, NULL},

    {&hi_endpoint, "sleep=awaited", 1, 1, {1000 * MS}, SLEEP_AWAITED, false, NULL},
    {&hi_endpoint, "sleep=blocking", 1, 1, {1000 * MS}, SLEEP_BLOCKING, false, NULL},
    {&hi_endpoint, "sleep=forgotten", 1, 1, {1000 * MS}, SLEEP_FORGOTTEN, false, NULL},
    /* Nobody waits for it, so it takes no time, however long it is. */
    {&sequence_endpoint,
     "sleep=forgotten&count=1000&delay=10s",
     1000,
     1,
     {10000 * MS},
     SLEEP_FORGOTTEN,
     false,
     NULL},
    {&hi_endpoint, "timeline=true", 1, 1, {1000 * MS}, 0, true, NULL},
    {&hi_endpoint, "timeline=false", 1, 1, {1000 * MS}, 0, false, NULL},
    {&hi_endpoint, "format=json", 1, 1, {1000 * MS}, 0, false, &json_view},
    {&hi_endpoint, "format=text", 1, 1, {1000 * MS}, 0, false, &text_view},
    {&sequence_endpoint,
     "format=text&timeline=true&sleep=blocking&count=2&delay=3ms",
     2,
     1,
     {3 * MS},
     SLEEP_BLOCKING,
     true,
     &text_view},

    /* Encoded, and with nothing between the separators. */
    {&hi_endpoint, "del%61y=%32%35%30m%73", 1, 1, {250 * MS}, 0, false, NULL},
    {&parallel_endpoint, "delay=1ms%2C2ms", 2, 2, {1 * MS, 2 * MS}, 0, false, NULL},
    {&parallel_endpoint, "delay=1ms%2c2ms", 2, 2, {1 * MS, 2 * MS}, 0, false, NULL},
    {&hi_endpoint, "&&delay=5ms&", 1, 1, {5 * MS}, 0, false, NULL},
    {&hi_endpoint, "&", 1, 1, {1000 * MS}, 0, false, NULL},
};

static void check_good(const struct good *good)
{
    struct parsed parsed;
    parse(&parsed, good->endpoint, good->text, strlen(good->text));
    const struct plan *plan = &parsed.query.plan;
    if (!parsed.ok)
        fail_msg("%s: %s", good->text, parsed.problem.detail);
    assert_ptr_equal(plan->endpoint, good->endpoint);
    assert_int_equal(plan->count, good->count);
    assert_int_equal(plan->delay_count, good->delay_count);
    assert_memory_equal(plan->delays_ns, good->delays_ns,
                        good->delay_count * sizeof *plan->delays_ns);
    assert_int_equal(plan->sleep, good->sleep);
    assert_int_equal(plan->timeline, good->timeline);
    assert_ptr_equal(parsed.query.view, good->view);
    h2o_mem_clear_pool(&parsed.pool);
}

static void what_is_allowed_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(goods); i++)
        check_good(&goods[i]);
}

/* What was not asked for is never more than is allowed. */
static void the_defaults_stay_within_the_limits(void **state)
{
    (void)state;
    static const struct config strict = {
        .max_delay_ns = 300 * MS, .max_count = 2, .max_duration_ns = 600 * MS};
    struct parsed parsed;
    parse_within(&strict, &parsed, &sequence_endpoint, "", 0);
    assert_true(parsed.ok);
    assert_int_equal(parsed.query.plan.count, 2);
    assert_int_equal(parsed.query.plan.delays_ns[0], 300 * MS);
    h2o_mem_clear_pool(&parsed.pool);
}

struct bad {
    const struct endpoint *endpoint;
    const char *text;
    const char *parameter; /* NULL: none that there is */
};

static const struct bad bads[] = {
    {&hi_endpoint, "delay=", "delay"},
    {&hi_endpoint, "delay", "delay"},
    {&hi_endpoint, "delay=-1", "delay"},
    {&hi_endpoint, "delay=10.000000001s", "delay"},
    {&hi_endpoint, "delay=1s,2s", "delay"},
    {&hi_endpoint, "delay=1s&delay=1s", "delay"},
    {&hi_endpoint, "delay=%00", "delay"},
    {&hi_endpoint, "delay=1s%00", "delay"},
    {&hi_endpoint, "delay=+1s", "delay"},
    {&hi_endpoint, "delay=%2B1s", "delay"},
    {&hi_endpoint, "delay=%1", "delay"},
    {&hi_endpoint, "delay==1s", "delay"},
    {&hi_endpoint, "count=1", "count"},
    {&parallel_endpoint, "count=0", "count"},
    {&parallel_endpoint, "count=1001", "count"},
    {&parallel_endpoint, "count=18446744073709551617", "count"},
    {&parallel_endpoint, "count=1&delay=1s,2s", "count"},
    {&parallel_endpoint, "delay=1s,", "delay"},
    {&parallel_endpoint, "delay=,1s", "delay"},
    {&sequence_endpoint, "count=61", "delay"},
    {&sequence_endpoint, "delay=10s,10s,10s,10s,10s,10s,1ns", "delay"},
    {&parallel_endpoint, "sleep=blocking&count=61", "delay"},
    {&hi_endpoint, "sleep=Awaited", "sleep"},
    {&hi_endpoint, "timeline=1", "timeline"},
    {&hi_endpoint, "format=xml", "format"},
    {&hi_endpoint, "dela=1s", NULL},
    {&hi_endpoint, "=1s", NULL},
    {&hi_endpoint, "delay%00=1s", NULL},
    {&hi_endpoint, "DELAY=1s", NULL},
};

static void check_bad(const struct bad *bad)
{
    struct parsed parsed;
    parse(&parsed, bad->endpoint, bad->text, strlen(bad->text));
    if (parsed.ok)
        fail_msg("'%s' was understood", bad->text);
    assert_int_equal(parsed.problem.status, 400);
    if (bad->parameter == NULL)
        assert_null(parsed.problem.parameter);
    else
        assert_string_equal(parsed.problem.parameter, bad->parameter);
    h2o_mem_clear_pool(&parsed.pool);
}

static void what_is_not_allowed_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bads); i++)
        check_bad(&bads[i]);
}

/* ---- anything at all ------------------------------------------------------------------------ */

static uint64_t seed = 1;

static uint32_t next_random(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

/* Half of the time what makes sense somewhere, so that the parser gets past its first checks. */
static size_t write_nonsense(char *text, size_t room)
{
    static const char *const words[] = {"delay",
                                        "count",
                                        "sleep",
                                        "timeline",
                                        "format",
                                        "=",
                                        "=",
                                        "&",
                                        "&",
                                        ",",
                                        "1s",
                                        "250ms",
                                        "0",
                                        "3",
                                        "1000",
                                        "%2C",
                                        "%00",
                                        "%",
                                        "%f",
                                        "+",
                                        "blocking",
                                        "true",
                                        "json",
                                        "text",
                                        ".",
                                        "1e9",
                                        "-1",
                                        "m",
                                        "ns",
                                        "delya",
                                        "9999999999999999999999999",
                                        "forgotten"};
    size_t length = 0;
    for (uint32_t pieces = next_random(12); pieces > 0 && length + 32 < room; pieces--) {
        const char *word = words[next_random(COUNT(words))];
        if (next_random(8) == 0) {
            text[length++] = (char)next_random(256);
            continue;
        }
        memcpy(text + length, word, strlen(word));
        length += strlen(word);
    }
    return length;
}

static void check_plan(const struct query *query, const struct endpoint *endpoint)
{
    const struct plan *plan = &query->plan;
    assert_ptr_equal(plan->endpoint, endpoint);
    assert_in_range(plan->count, 1, endpoint->takes_count ? config.max_count : 1);
    assert_true(plan->delay_count == 1 || plan->delay_count == plan->count);
    for (uint32_t i = 0; i < plan->delay_count; i++)
        assert_in_range(plan->delays_ns[i], 0, config.max_delay_ns);
    assert_true(plan_duration_ns(plan) <= config.max_duration_ns);
    assert_true(plan->sleep < SLEEP_MODES);
}

/* The sentence goes to the client as it is: it must be ASCII, whatever it quotes. */
static void check_problem(const struct problem *problem)
{
    assert_int_equal(problem->status, 400);
    assert_in_range(strlen(problem->detail), 20, PROBLEM_DETAIL_BYTES - 1);
    for (const char *at = problem->detail; *at != '\0'; at++)
        assert_in_range(*at, ' ', '~');
}

static void anything_is_understood_or_refused(void **state)
{
    (void)state;
    int understood = 0;
    int refused = 0;
    for (size_t i = 0; i < 20000; i++) {
        char text[512];
        struct parsed parsed;
        const struct endpoint *endpoint = endpoints[i % ENDPOINTS];
        parse(&parsed, endpoint, text, write_nonsense(text, sizeof text));
        if (parsed.ok)
            check_plan(&parsed.query, endpoint);
        else
            check_problem(&parsed.problem);
        understood += parsed.ok;
        refused += !parsed.ok;
        h2o_mem_clear_pool(&parsed.pool);
    }
    assert_true(understood > 1000);
    assert_true(refused > 1000);
}

static void a_long_list_is_refused_without_being_read(void **state)
{
    (void)state;
    static char text[60000] = "delay=";
    struct parsed parsed;
    memset(text + 6, ',', sizeof text - 6);
    parse(&parsed, &parallel_endpoint, text, sizeof text);
    assert_false(parsed.ok);
    assert_non_null(strstr(parsed.problem.detail, "max_count"));
    h2o_mem_clear_pool(&parsed.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_allowed_is_understood),
        cmocka_unit_test(the_defaults_stay_within_the_limits),
        cmocka_unit_test(what_is_not_allowed_is_refused),
        cmocka_unit_test(anything_is_understood_or_refused),
        cmocka_unit_test(a_long_list_is_refused_without_being_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
