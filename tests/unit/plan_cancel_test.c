/*
 * Plans that are cancelled at every step of their lives, at once and in turns, with turns that are
 * long and short, and plans that run to their end: nothing of them is left, in memory of exactly
 * run_bytes().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/endpoints.h"
#include "handlers/run.h"
#include "handlers/words/words.h"
#include "plans/read.h"
#include "tests/support/count.h"
#include "tests/support/virtual_clock.h"
#include <stdlib.h>
#include <string.h>

static const char *const texts[] = {
    "hi(1s)",
    "fail(0s)",
    "sequence(hi(1s),fail(1s),hi(1s))",
    "parallel(hi(2s),fail(1s),sequence(hi(2s),hi(2s)))",
    "collect(3*fail(1s),2*hi(0s))",
    "group(hi(3s),fail(1s),group(2*hi(2s)),parallel(hi(4s)))",
    "group(2*fail(1s),collect(hi(2s)))",
    "race(hi(3s),hi(2s),race(hi(4s),group(hi(5s))))",
    "race(2*hi(1s),fail(1s))",
    "timeout(1s,group(hi(2s),race(hi(3s),hi(4s)),collect(2*hi(5s))))",
    "timeout(2s,timeout(1s,timeout(3s,hi(4s))))",
    "timeout(0s,parallel(hi(0s),hi(1s)))",
    "timeout(0s,race(hi(0s),hi(1s)))",
    "timeout(0s,group(hi(0s),shield(hi(1s))))",
    "limit(2,5*hi(1s),fail(1s),3*hi(1s))",
    "limit(1,fail(1s),parallel(parallel(hi(1s))))",
    "timeout(1s,limit(1,3*hi(2s)))",
    "sequence(catch(limit(1,fail(1s),2*hi(2s))),hi(2s))",
    "retry(3,parallel(fail(1s),hi(5s)))",
    "retry(3,timeout(300ms,limit(1,2*hi(1s))))",
    "sequence(3*catch(parallel(fail(1s),hi(5s))),hi(1s))",
    "sequence(catch(timeout(1s,shield(parallel(hi(2s),fail(3s))))),hi(2s))",
    "shield(race(shield(hi(2s)),hi(1s)))",
    "parallel(timeout(1s,hi(2s)),timeout(1s,shield(hi(2s))),fail(1s))",
    "limit(1,3*group(hi(4s),fail(2s)),3*group(fail(1s),3*fail(700ms),fail(1s)))",
    "retry(2,limit(2,3*race(fail(1s)),shield(hi(4s)),group(hi(3s),hi(1s),hi(2s))))",
};

static struct co_loop loop;
static struct tree tree;
static int ended;

static void on_end(struct run *run)
{
    (void)run;
    ended++;
}

static struct run *start(const char *text, bool states, uint32_t turn)
{
    static const struct plan_limits limits = {
        .default_delay_ns = 1000 * MS, .max_delay_ns = 10000 * MS, .max_count = 1000};
    static const int64_t none_ns = 0;
    struct plan_fault fault;
    assert_true(plan_read((struct text){text, strlen(text)}, &limits, &tree, &fault));
    tree_work_out(&tree, word_frame_bytes, word_limited_bytes);
    struct plan plan = {.endpoint = &run_endpoint,
                        .delays_ns = &none_ns,
                        .count = tree.nodes->runs,
                        .tree = &tree,
                        .timeline = states,
                        .states = states};
    ended = 0;
    co_loop_init(&loop, 0, NULL);
    loop.turn = turn;
    struct run *run = run_init(malloc(run_bytes(&plan)), &plan, 0);
    tree_free(&tree);
    run->on_done = run->on_cancelled = on_end;
    run_start(run, &loop);
    return run;
}

/* Returns whether the plan had ended before. */
static bool cancel_after(const char *text, uint64_t steps, int way)
{
    bool in_turns = way % 2 == 1;
    struct run *run = start(text, way % 4 > 1, way < 4 ? CO_TURN : (uint32_t)way - 3);
    for (uint64_t step = 0; step < steps; step++)
        virtual_clock_step(&loop);
    bool had_ended = ended > 0;
    if (in_turns)
        run_cancel_in_turns(run);
    else
        run_cancel(run);
    virtual_clock_run(&loop);
    assert_int_equal(ended, had_ended || in_turns);
    if (!virtual_clock_is_idle(&loop))
        fail_msg("%s, cancelled after %d steps: %d left", text, (int)steps, (int)loop.live);
    assert_int_equal(run->timeline->left_out, 0);
    free(run);
    return had_ended;
}

static void nothing_is_left_of_a_cancelled_plan(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        for (int way = 0; way < 8; way++)
            for (uint64_t steps = 0; !cancel_after(texts[i], steps, way); steps++)
                ;
}

static void nothing_is_left_at_the_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct run *run = start(texts[i], true, CO_TURN);
        virtual_clock_run(&loop);
        if (loop.live != 0)
            fail_msg("%s: %d left", texts[i], (int)loop.live);
        assert_int_equal(ended, 1);
        assert_true(virtual_clock_is_idle(&loop));
        assert_int_equal(run->timeline->left_out, 0);
        free(run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_at_the_end),
        cmocka_unit_test(nothing_is_left_of_a_cancelled_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
