/*
 * What the three endpoints say, by whom and when, in full and to the nanosecond. A trace reads
 * "ms:task:word ..."; where CPython's asyncio has the same program, it prints the same order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/endpoints.h"
#include "handlers/run.h"
#include "tests/support/count.h"
#include "tests/support/virtual_clock.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Not 0: what a run says counts from its own start. */
#define START_NS  INT64_C(7000000123)
#define MAX_COUNT 1000

struct asked {
    const struct endpoint *endpoint;
    enum sleep_mode sleep;
    uint32_t count;
    uint32_t delay_count;
    int64_t delays_ms[3];
};

static void set_flag(struct run *run)
{
    *(bool *)run->owner = true;
}

/* In memory of exactly run_bytes(), so that the address sanitizer sees one byte too many. */
static struct run *new_run(const struct asked *asked, struct co_loop *loop, bool timeline)
{
    int64_t delays_ns[3] = {asked->delays_ms[0] * MS, asked->delays_ms[1] * MS,
                            asked->delays_ms[2] * MS};
    struct plan plan = {.endpoint = asked->endpoint,
                        .delays_ns = delays_ns,
                        .delay_count = asked->delay_count,
                        .count = asked->count,
                        .sleep = asked->sleep,
                        .timeline = timeline};
    struct run *run = run_init(malloc(run_bytes(&plan)), &plan, loop->now_ns);
    run->on_done = set_flag;
    run_start(run, loop);
    return run;
}

static void write_trace(const struct run *run, char *text, size_t room)
{
    size_t length = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < timeline_said(run->timeline); i++) {
        const struct entry *entry = &run->timeline->entries[i];
        length += (size_t)snprintf(text + length, room - length, "%s%" PRId64 ":%u:%s",
                                   i > 0 ? " " : "", entry->at_ns / MS, entry->task,
                                   timeline_word(run->timeline, i)->bytes);
    }
}

static void check_accounts(const struct timeline *timeline)
{
    bool forgotten = timeline->plan.sleep == SLEEP_FORGOTTEN;
    int64_t planned_ns = plan_duration_ns(&timeline->plan);
    assert_int_equal(timeline->elapsed_ns, planned_ns);
    assert_int_equal(timeline->blocked_ns, timeline->plan.sleep == SLEEP_BLOCKING ? planned_ns : 0);
    assert_int_equal(timeline->never_awaited_count, forgotten ? timeline->plan.count : 0);
    for (uint32_t i = 0; i < timeline->never_awaited_count; i++)
        assert_int_equal(timeline->never_awaited[i], i + 1);
}

static void expect(const struct asked *asked, const char *golden)
{
    static char text[32 * 2 * MAX_COUNT];
    struct co_loop loop;
    bool done = false;
    co_loop_init(&loop, START_NS, virtual_clock_block_until);
    struct run *run = new_run(asked, &loop, true);
    run->owner = &done;
    virtual_clock_run(&loop);
    assert_true(done);
    write_trace(run, text, sizeof text);
    assert_string_equal(text, golden);
    check_accounts(run->timeline);
    assert_true(virtual_clock_is_idle(&loop));
    free(run);
}

struct golden {
    struct asked asked;
    const char *trace;
};

static const struct golden goldens[] = {
    {{&hi_endpoint, SLEEP_AWAITED, 1, 1, {1000}}, "0:1:Hello 1000:1:World"},
    {{&hi_endpoint, SLEEP_BLOCKING, 1, 1, {1000}}, "0:1:Hello 1000:1:World"},
    {{&hi_endpoint, SLEEP_FORGOTTEN, 1, 1, {1000}}, "0:1:Hello 0:1:World"},
    {{&hi_endpoint, SLEEP_AWAITED, 1, 1, {0}}, "0:1:Hello 0:1:World"},

    {{&parallel_endpoint, SLEEP_AWAITED, 1, 1, {1000}}, "0:1:Hello 1000:1:World"},
    {{&parallel_endpoint, SLEEP_AWAITED, 2, 1, {1000}},
     "0:1:Hello 0:2:Hello 1000:1:World 1000:2:World"},
    {{&parallel_endpoint, SLEEP_AWAITED, 3, 1, {1000}},
     "0:1:Hello 0:2:Hello 0:3:Hello 1000:1:World 1000:2:World 1000:3:World"},
    {{&parallel_endpoint, SLEEP_AWAITED, 3, 3, {3000, 1000, 2000}},
     "0:1:Hello 0:2:Hello 0:3:Hello 1000:2:World 2000:3:World 3000:1:World"},
    {{&parallel_endpoint, SLEEP_AWAITED, 3, 1, {0}},
     "0:1:Hello 0:2:Hello 0:3:Hello 0:1:World 0:2:World 0:3:World"},
    {{&parallel_endpoint, SLEEP_AWAITED, 3, 3, {0, 1000, 0}},
     "0:1:Hello 0:2:Hello 0:3:Hello 0:1:World 0:3:World 1000:2:World"},
    {{&parallel_endpoint, SLEEP_BLOCKING, 3, 3, {3000, 1000, 2000}},
     "0:1:Hello 3000:1:World 3000:2:Hello 4000:2:World 4000:3:Hello 6000:3:World"},
    {{&parallel_endpoint, SLEEP_BLOCKING, 2, 1, {0}}, "0:1:Hello 0:1:World 0:2:Hello 0:2:World"},
    {{&parallel_endpoint, SLEEP_FORGOTTEN, 3, 3, {3000, 1000, 0}},
     "0:1:Hello 0:1:World 0:2:Hello 0:2:World 0:3:Hello 0:3:World"},

    {{&sequence_endpoint, SLEEP_AWAITED, 1, 1, {1000}}, "0:1:Hello 1000:1:World"},
    {{&sequence_endpoint, SLEEP_AWAITED, 2, 1, {1000}},
     "0:1:Hello 1000:1:World 1000:2:Hello 2000:2:World"},
    {{&sequence_endpoint, SLEEP_AWAITED, 3, 1, {1000}},
     "0:1:Hello 1000:1:World 1000:2:Hello 2000:2:World 2000:3:Hello 3000:3:World"},
    {{&sequence_endpoint, SLEEP_AWAITED, 3, 3, {3000, 1000, 2000}},
     "0:1:Hello 3000:1:World 3000:2:Hello 4000:2:World 4000:3:Hello 6000:3:World"},
    {{&sequence_endpoint, SLEEP_AWAITED, 3, 3, {0, 1000, 0}},
     "0:1:Hello 0:1:World 0:2:Hello 1000:2:World 1000:3:Hello 1000:3:World"},
    {{&sequence_endpoint, SLEEP_BLOCKING, 2, 1, {1000}},
     "0:1:Hello 1000:1:World 1000:2:Hello 2000:2:World"},
    {{&sequence_endpoint, SLEEP_FORGOTTEN, 2, 1, {1000}},
     "0:1:Hello 0:1:World 0:2:Hello 0:2:World"},
};

static void endpoints_say_exactly_this(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(goldens); i++)
        expect(&goldens[i].asked, goldens[i].trace);
}

/* n Hellos at once, then n Worlds; and n pairs, one after the other. */
static void a_thousand_tasks(void **state)
{
    (void)state;
    static char parallel[32 * 2 * MAX_COUNT];
    static char sequence[32 * 2 * MAX_COUNT];
    int p = 0;
    int s = 0;
    for (int word = 0; word < 2 * MAX_COUNT; word++) {
        const char *space = word > 0 ? " " : "";
        p += sprintf(parallel + p, "%s%d:%d:%s", space, word < MAX_COUNT ? 0 : 1000,
                     word % MAX_COUNT + 1, word < MAX_COUNT ? "Hello" : "World");
        s += sprintf(sequence + s, "%s%d:%d:%s", space, (word + 1) / 2 * 1000, word / 2 + 1,
                     word % 2 == 0 ? "Hello" : "World");
    }
    expect(&(struct asked){&parallel_endpoint, SLEEP_AWAITED, MAX_COUNT, 1, {1000}}, parallel);
    expect(&(struct asked){&sequence_endpoint, SLEEP_AWAITED, MAX_COUNT, 1, {1000}}, sequence);
}

static void a_run_without_a_timeline_keeps_the_words(void **state)
{
    (void)state;
    struct co_loop loop;
    bool done = false;
    co_loop_init(&loop, START_NS, NULL);
    struct run *run =
        new_run(&(struct asked){&parallel_endpoint, SLEEP_AWAITED, 2, 1, {1}}, &loop, false);
    run->owner = &done;
    virtual_clock_run(&loop);
    assert_int_equal(timeline_said(run->timeline), 4);
    assert_null(run->timeline->entries);
    assert_string_equal(timeline_word(run->timeline, 1)->bytes, "Hello");
    assert_string_equal(timeline_word(run->timeline, 2)->bytes, "World");
    free(run);
}

static void a_duration_that_cannot_be_counted_is_never(void **state)
{
    (void)state;
    int64_t delays_ns[] = {INT64_MAX - 1, 1, 1};
    struct plan plan = {
        .endpoint = &sequence_endpoint, .delays_ns = delays_ns, .delay_count = 3, .count = 3};
    assert_true(plan_duration_ns(&plan) == INT64_MAX);
    plan.endpoint = &parallel_endpoint;
    assert_true(plan_duration_ns(&plan) == INT64_MAX - 1);
    plan = (struct plan){
        .endpoint = &sequence_endpoint, .delays_ns = delays_ns, .delay_count = 1, .count = 2};
    assert_true(plan_duration_ns(&plan) == INT64_MAX);
    plan.count = 1;
    assert_true(plan_duration_ns(&plan) == INT64_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_say_exactly_this),
        cmocka_unit_test(a_thousand_tasks),
        cmocka_unit_test(a_run_without_a_timeline_keeps_the_words),
        cmocka_unit_test(a_duration_that_cannot_be_counted_is_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
