/*
 * Every endpoint keeps to its table. One that says more than its table tells, or forgets more, is
 * found here; in the server it does no harm: what there is no room for is left out and counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/say.h"
#include "tests/support/view_case.h"
#include "views/views.h"

/* The timeline lies behind the frames, so a frame that is too small for its coroutine spoils it. */
static void check_is_unspoilt(const struct plan *plan, const struct plan *asked)
{
    assert_ptr_equal(plan->endpoint, asked->endpoint);
    assert_int_equal(plan->count, asked->count);
    assert_int_equal(plan->delay_count, asked->delay_count);
    assert_memory_equal(plan->delays_ns, asked->delays_ns,
                        asked->delay_count * sizeof *asked->delays_ns);
}

static void check_keeps_to_its_table(const struct shown *shown)
{
    const struct timeline *timeline = shown->run->timeline;
    const struct plan *plan = &timeline->plan;
    struct plan asked = shown_plan(plan->endpoint, plan->sleep, plan->count, plan->timeline);
    check_is_unspoilt(plan, &asked);
    if (timeline->left_out > 0)
        fail_msg("/%s with sleep mode %d has no room for %u of what it says or forgets",
                 plan->endpoint->name, plan->sleep, timeline->left_out);
    assert_in_range(timeline_said(timeline), 1, plan->endpoint->says_each * plan->count);
}

static void every_endpoint_keeps_to_its_table(void **state)
{
    (void)state;
    shown_each(check_keeps_to_its_table);
}

/* By plan_duration_ns() requests are refused that would take too long. One that sleeps where it was
   to block, or waits where it was to forget, is found here too. */
static void check_takes_its_time(const struct shown *shown)
{
    const struct timeline *timeline = shown->run->timeline;
    const struct plan *plan = &timeline->plan;
    assert_int_equal(timeline->elapsed_ns, plan_duration_ns(plan));
    assert_int_equal(timeline->blocked_ns,
                     plan->sleep == SLEEP_BLOCKING ? plan_duration_ns(plan) : 0);
}

static void every_endpoint_takes_as_long_as_its_plan(void **state)
{
    (void)state;
    shown_each(check_takes_its_time);
}

/* ---- endpoints that are none of the service's ------------------------------------------------ */

static void counts_to_three(struct co *co)
{
    async(co) {
        say(co, "one");
        say(co, "two");
        await(co_sleep(co, delay_of(co)));
        say(co, "three");
    }
}

static void forgets_to_await(struct co *co)
{
    async(co) {
        say(co, "Hello");
        struct co_wait nobody_awaits_it = co_sleep(co, delay_of(co));
        (void)nobody_awaits_it;
    }
}

static void says_one_word_too_long(struct co *co)
{
    async(co) {
        say(co, "fifteen letters");
        say(co, "sixteen letters.");
    }
}

static void says_ten_words(struct co *co)
{
    static const char *const words[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    async(co) {
        for (size_t i = 0; i < COUNT(words); i++)
            say(co, words[i]);
        say(co, words[0]);
    }
}

struct many {
    struct co co;
    struct co each[];
};

/* Twice as many as it has delays and was asked for; but of frames it has enough. */
static void starts_too_many(struct co *co)
{
    struct many *self = (struct many *)co;
    async(co) {
        await(co_gather(co, counts_to_three, self->each, sizeof *self->each, 2 * count_of(co)));
    }
}

/* Asks `endpoint` for `count`, expects `text`, and `left_out` things that had no room. */
static void expect(const struct endpoint *endpoint, uint32_t count, const char *text,
                   uint32_t left_out)
{
    static char shown_as[4096];
    for (int timeline = 0; timeline < 2; timeline++) {
        struct plan plan = shown_plan(endpoint, SLEEP_AWAITED, count, timeline == 1);
        struct shown shown;
        shown_start(&shown, &plan);
        shown_finish(&shown);
        assert_int_equal(shown.run->timeline->left_out, left_out);
        check_is_unspoilt(&shown.run->timeline->plan, &plan);
        (void)shown_text(&shown, &json_view, VIEW_ITEM_BYTES, shown_as, sizeof shown_as);
        (void)shown_text(&shown, &text_view, VIEW_ITEM_BYTES, shown_as, sizeof shown_as);
        if (timeline == 0)
            assert_string_equal(shown_as, text);
        shown_free(&shown);
    }
}

static void may_say_three_words(void **state)
{
    (void)state;
    const struct endpoint endpoint = {.name = "count",
                                      .says_each = 3,
                                      .frame_bytes = sizeof(struct co),
                                      .bodies = {counts_to_three}};
    expect(&endpoint, 1, "one\ntwo\nthree\nelapsed: 3.123 s\n", 0);
}

static void saying_more_than_declared_is_left_out(void **state)
{
    (void)state;
    struct endpoint endpoint = {
        .name = "count", .frame_bytes = sizeof(struct co), .bodies = {counts_to_three}};
    expect(&endpoint, 1, "elapsed: 3.123 s\n", 3);
    endpoint.says_each = 1;
    expect(&endpoint, 1, "one\nelapsed: 3.123 s\n", 2);
    endpoint.says_each = 2;
    expect(&endpoint, 1, "one\ntwo\nelapsed: 3.123 s\n", 1);
}

static void words_that_are_too_long_or_too_many_are_left_out(void **state)
{
    (void)state;
    struct endpoint endpoint = {.name = "words",
                                .says_each = 11,
                                .frame_bytes = sizeof(struct co),
                                .bodies = {says_one_word_too_long}};
    expect(&endpoint, 1, "fifteen letters\nelapsed: 0.000 s\n", 1);
    endpoint.bodies[SLEEP_AWAITED] = says_ten_words;
    expect(&endpoint, 1, "0\n1\n2\n3\n4\n5\n6\n7\n0\nelapsed: 0.000 s\n", 2);
}

static void tasks_beyond_the_count_are_left_out(void **state)
{
    (void)state;
    const struct endpoint endpoint = {.name = "many",
                                      .says_each = 3,
                                      .frame_bytes = sizeof(struct many),
                                      .frame_bytes_each = 2 * sizeof(struct co),
                                      .bodies = {starts_too_many}};
    expect(&endpoint, 3, "one\ntwo\none\ntwo\none\ntwo\none\ntwo\none\nelapsed: 3.123 s\n", 9);
}

static void an_await_that_is_forgotten_by_mistake_is_counted(void **state)
{
    (void)state;
    const struct endpoint endpoint = {.name = "forgets",
                                      .says_each = 1,
                                      .frame_bytes = sizeof(struct co),
                                      .bodies = {forgets_to_await}};
    expect(&endpoint, 1, "Hello\nelapsed: 0.000 s\n", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_endpoint_keeps_to_its_table),
        cmocka_unit_test(every_endpoint_takes_as_long_as_its_plan),
        cmocka_unit_test(may_say_three_words),
        cmocka_unit_test(saying_more_than_declared_is_left_out),
        cmocka_unit_test(words_that_are_too_long_or_too_many_are_left_out),
        cmocka_unit_test(tasks_beyond_the_count_are_left_out),
        cmocka_unit_test(an_await_that_is_forgotten_by_mistake_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
