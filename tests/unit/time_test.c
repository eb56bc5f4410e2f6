/*
 * Time: when sleepers wake, in which order where they are due together, and what happens when the
 * clock is late, is held up, or would run over. And what else one body can do: forget, and clean
 * up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/diary.h"

static struct co_loop loop;
static struct diary diary;

static int fresh_loop(void **state)
{
    (void)state;
    co_loop_init(&loop, 0, virtual_clock_block_until);
    diary_init(&diary, &loop);
    return 0;
}

static void expect(co_body *body, struct co *top, const char *golden)
{
    co_start(&diary.scope, body, top);
    virtual_clock_run(&loop);
    assert_string_equal(diary.text, golden);
    assert_int_equal(diary.done, 1);
    assert_true(virtual_clock_is_idle(&loop));
}

/* Sleeps for a while, then naps; so that deadlines can be reached in one leg or in two. */
struct journey {
    struct co co;
    int64_t first_leg_ns;
    struct nap nap;
};

static void journey(struct co *co)
{
    struct journey *self = (struct journey *)co;
    async(co) {
        if (self->first_leg_ns > 0)
            await(co_sleep(co, self->first_leg_ns));
        await(call(co, nap, &self->nap));
    }
}

struct journeys {
    struct co co;
    uint32_t count;
    struct journey each[4];
};

static void journeys(struct co *co)
{
    struct journeys *self = (struct journeys *)co;
    async(co) {
        await(gather(co, journey, self->each, self->count));
        note(co, "all", 0);
    }
}

static void equal_deadlines_wake_in_the_order_in_which_the_sleeps_began(void **state)
{
    (void)state;
    struct journeys top = {
        .count = 4,
        .each = {{.first_leg_ns = 500 * MS, .nap = {.name = 1, .length_ns = 500 * MS}},
                 {.nap = {.name = 2, .length_ns = 1000 * MS}},
                 {.first_leg_ns = 250 * MS, .nap = {.name = 3, .length_ns = 750 * MS}},
                 {.nap = {.name = 4, .length_ns = 1000 * MS}}}};
    expect(journeys, &top.co, "0:H2 0:H4 250:H3 500:H1 1000:W2 1000:W4 1000:W3 1000:W1 1000:all0");
}

static void a_gather_of_nothing_takes_one_turn(void **state)
{
    (void)state;
    struct journeys top = {.count = 0};
    expect(journeys, &top.co, "0:all0");
}

/* Rings twice; in between it holds up the thread, so whoever is due meanwhile is late. */
static void bell(struct co *co)
{
    async(co) {
        await(co_sleep(co, 100 * MS));
        note(co, "ring", 1);
        co_block(co, 500 * MS);
        co_block(co, 0);
        note(co, "ring", 2);
        await(co_sleep(co, 100 * MS));
        note(co, "ring", 3);
    }
}

static void a_sleep_counts_from_the_end_of_a_block_and_late_sleepers_keep_their_order(void **state)
{
    (void)state;
    struct co ring;
    struct diary other;
    diary_init(&other, &loop);
    co_start(&other.scope, bell, &ring);
    struct journeys top = {.count = 4,
                           .each = {{.nap = {.name = 1, .length_ns = 300 * MS}},
                                    {.nap = {.name = 2, .length_ns = 200 * MS}},
                                    {.nap = {.name = 3, .length_ns = 700 * MS}},
                                    {.nap = {.name = 4, .length_ns = 650 * MS}}}};
    expect(journeys, &top.co, "0:H1 0:H2 0:H3 0:H4 600:W2 600:W1 650:W4 700:W3 700:all0");
    assert_string_equal(other.text, "100:ring1 600:ring2 700:ring3");
}

/* Checks by itself that each of its sleeps was long enough. */
struct doubter {
    struct co co;
    int64_t length_ns;
    int64_t began_ns;
    int rounds;
};

static void doubter(struct co *co)
{
    struct doubter *self = (struct doubter *)co;
    async(co) {
        for (self->rounds = 0; self->rounds < 20; self->rounds++) {
            self->began_ns = co_now_ns(co);
            await(co_sleep(co, self->length_ns));
            assert_true(co_now_ns(co) - self->began_ns >= self->length_ns);
        }
    }
}

#define DOUBTERS 50

static void nobody_wakes_early_on_a_clock_that_jumps(void **state)
{
    (void)state;
    struct doubter doubters[DOUBTERS];
    struct diary diaries[DOUBTERS];
    for (int i = 0; i < DOUBTERS; i++) {
        diary_init(&diaries[i], &loop);
        doubters[i].length_ns = i * i * 7919 + 1;
        co_start(&diaries[i].scope, doubter, &doubters[i].co);
    }
    for (int64_t jump_ns = 1; loop.live > 0; jump_ns = jump_ns * 48271 % 2147483 + 1) {
        int64_t now_ns = loop.now_ns + jump_ns;
        while (co_loop_step(&loop, now_ns))
            continue;
        assert_true(co_loop_next_ns(&loop) > now_ns);
    }
    for (int i = 0; i < DOUBTERS; i++)
        assert_int_equal(diaries[i].done, 1);
}

static void a_deadline_is_due_at_its_nanosecond_and_not_before(void **state)
{
    (void)state;
    struct nap top = {.name = 1, .length_ns = 1000 * MS};
    co_start(&diary.scope, nap, &top.co);
    assert_int_equal(co_loop_next_ns(&loop), 0);
    assert_true(co_loop_step(&loop, 5));
    assert_int_equal(co_loop_next_ns(&loop), 1000 * MS + 5);
    assert_false(co_loop_step(&loop, 1000 * MS + 4));
    assert_true(co_loop_step(&loop, 1000 * MS + 5));
    assert_int_equal(diary.done, 1);
    assert_false(co_loop_step(&loop, 1000 * MS + 5));
}

static void a_sleep_beyond_the_end_of_time_is_long_and_not_in_the_past(void **state)
{
    (void)state;
    struct nap top = {.name = 1, .length_ns = INT64_MAX};
    loop.now_ns = 1000;
    co_start(&diary.scope, nap, &top.co);
    assert_true(virtual_clock_step(&loop));
    assert_true(co_loop_next_ns(&loop) == CO_NEVER - 1);
    co_cancel(&top.co);
    assert_true(virtual_clock_is_idle(&loop));
}

static void block_for_ever(struct co *co)
{
    async(co) {
        co_block(co, INT64_MAX);
    }
}

static void a_block_beyond_the_end_of_time_is_long_and_not_in_the_past(void **state)
{
    (void)state;
    struct co top;
    loop.now_ns = 1000;
    co_start(&diary.scope, block_for_ever, &top);
    assert_true(virtual_clock_step(&loop));
    assert_true(loop.now_ns == CO_NEVER - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(equal_deadlines_wake_in_the_order_in_which_the_sleeps_began,
                               fresh_loop),
        cmocka_unit_test_setup(a_gather_of_nothing_takes_one_turn, fresh_loop),
        cmocka_unit_test_setup(
            a_sleep_counts_from_the_end_of_a_block_and_late_sleepers_keep_their_order, fresh_loop),
        cmocka_unit_test_setup(nobody_wakes_early_on_a_clock_that_jumps, fresh_loop),
        cmocka_unit_test_setup(a_deadline_is_due_at_its_nanosecond_and_not_before, fresh_loop),
        cmocka_unit_test_setup(a_sleep_beyond_the_end_of_time_is_long_and_not_in_the_past,
                               fresh_loop),
        cmocka_unit_test_setup(a_block_beyond_the_end_of_time_is_long_and_not_in_the_past,
                               fresh_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
