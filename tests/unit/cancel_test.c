/*
 * Cancel, at every suspension point of many shapes: whatever had begun runs its finally, children
 * first (tree.h checks that), nothing else runs, and nothing of the tree is left in any queue.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/run.h"
#include "tests/support/count.h"
#include "tests/support/diary.h"
#include "tests/support/endpoints.h"
#include "tests/support/tree.h"
#include <stdlib.h>

static const char *const shapes[] = {
    "",
    "1",
    "0",
    "123",
    "000",
    "(1)",
    "(1)(1)(1)",
    "((((1))))",
    "1(2(3)2)1",
    "[]",
    "[]1[]",
    "[1]",
    "[|]",
    "[|1|]",
    "[1|1|1]",
    "[3|1|2]",
    "[0|1|0]",
    "[0|0|0]",
    "[1]0[2]1[3]",
    "[(1)(1)|(1)(1)]",
    "([1|1])([1|1])",
    "[[[1|2]|[3|4]]|[[5|6]|[7|8]]]",
    "[1|[0|(2)]|(3[1|1])|]",
    "0[1(0[2|(0)]3)|00|[|[]]]1",
};

static struct co_loop loop;
static struct family tree;

/* A coroutine of another request, in the same loop and at work all the time. */
static struct diary bystander_diary;
static struct bystander {
    struct co co;
    struct nap naps[3];
} bystander;

static void bystander_body(struct co *co)
{
    async(co) {
        await(gather(co, nap, bystander.naps, 3));
    }
}

static void start_bystander(void)
{
    bystander = (struct bystander){
        .naps = {{.name = 1}, {.name = 2, .length_ns = 1 * MS}, {.name = 3, .length_ns = 5 * MS}}};
    diary_init(&bystander_diary, &loop);
    co_start(&bystander_diary.scope, bystander_body, &bystander.co);
}

static void check_bystander(void)
{
    assert_string_equal(bystander_diary.text, "0:H1 0:H2 0:H3 0:W1 1:W2 5:W3");
    assert_int_equal(bystander_diary.done, 1);
}

/* Returns whether the tree was still at work after `steps`. */
static bool take_steps(const char *shape, uint64_t steps, bool with_bystander)
{
    co_loop_init(&loop, 0, NULL);
    if (with_bystander)
        start_bystander();
    tree_start(&tree, &loop, shape);
    for (uint64_t step = 0; step < steps; step++)
        virtual_clock_step(&loop);
    return tree.done == 0;
}

/* And leaves its frames unusable, so that a queue that still leads there is seen. */
static void cancel_tree(void)
{
    size_t begun = tree.count - tree_count(&tree, NODE_NEW);
    co_cancel(&tree.nodes[0].co);
    assert_int_equal(tree_count(&tree, NODE_AT_WORK), 0);
    assert_int_equal(tree_count(&tree, NODE_GONE), begun);
    co_cancel(&tree.nodes[0].co);
    assert_int_equal(tree_count(&tree, NODE_GONE), begun);
    assert_int_equal(tree.done, 0);
    memset(tree.nodes, 0xA5, sizeof tree.nodes);
}

static void cancel_at_every_suspension_point(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        for (uint64_t steps = 0; take_steps(shapes[i], steps, false); steps++) {
            cancel_tree();
            assert_true(virtual_clock_is_idle(&loop));
        }
        assert_int_equal(tree_count(&tree, NODE_GONE), tree.count);
        assert_true(virtual_clock_is_idle(&loop));
    }
}

static void cancel_does_not_disturb_another_scope(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        for (uint64_t steps = 0; take_steps(shapes[i], steps, true); steps++) {
            cancel_tree();
            virtual_clock_run(&loop);
            check_bystander();
            assert_true(virtual_clock_is_idle(&loop));
        }
    }
}

/* In the scope's turns; nothing of it goes on meanwhile, though all could at the same time. */
static void cancel_tree_in_turns(void)
{
    size_t begun = tree.count - tree_count(&tree, NODE_NEW);
    co_cancel_scope(&tree.scope);
    co_cancel_scope(&tree.scope);
    assert_int_equal(tree.cancelled, 0);
    for (uint64_t step = 0; tree.cancelled == 0; step++) {
        assert_true(step <= 4 * tree.count + 20);
        assert_true(co_loop_step(&loop, loop.now_ns + 10 * MS));
    }
    assert_int_equal(tree_count(&tree, NODE_GONE), begun);
    assert_int_equal(tree.done, 0);
    memset(tree.nodes, 0xA5, sizeof tree.nodes);
    memset(&tree.scope, 0xA5, sizeof tree.scope);
}

static void cancel_in_turns_at_every_suspension_point(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        for (uint64_t steps = 0; take_steps(shapes[i], steps, false); steps++) {
            cancel_tree_in_turns();
            assert_true(virtual_clock_is_idle(&loop));
        }
    }
}

static void cancel_in_turns_does_not_disturb_another_scope(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        for (uint64_t steps = 0; take_steps(shapes[i], steps, true); steps++) {
            cancel_tree_in_turns();
            virtual_clock_run(&loop);
            assert_int_equal(bystander_diary.done, 1);
            assert_true(virtual_clock_is_idle(&loop));
        }
    }
}

static void cancel_after_the_end_does_nothing(void **state)
{
    (void)state;
    assert_false(take_steps("[1|(2)]", 100, true));
    co_cancel(&tree.nodes[0].co);
    co_cancel(&tree.nodes[1].co);
    co_cancel_scope(&tree.scope);
    virtual_clock_run(&loop);
    assert_int_equal(tree.cancelled, 0);
    assert_int_equal(tree.done, 1);
    assert_int_equal(tree_count(&tree, NODE_GONE), tree.count);
    check_bystander();
}

static void free_run(struct run *run)
{
    free(run);
}

static struct run *new_run(const struct endpoint *endpoint, int64_t delay_ns)
{
    struct plan plan = {.endpoint = endpoint,
                        .delays_ns = &delay_ns,
                        .delay_count = 1,
                        .count = 3,
                        .timeline = true};
    struct run *run = run_init(malloc(run_bytes(&plan)), &plan, 0);
    run->on_done = free_run;
    run_start(run, &loop);
    return run;
}

/* As in the server: a run's memory goes the moment that it is done or cancelled. */
static void cancel_and_free_run(bool in_turns)
{
    for (uint64_t steps = 0; steps < 10; steps++) {
        co_loop_init(&loop, 0, NULL);
        start_bystander();
        for (size_t i = 0; i < ENDPOINTS; i++)
            (void)new_run(endpoints[i], 1 * MS);
        struct run *hung_up = new_run(endpoints[steps % ENDPOINTS], 20 * MS);
        for (uint64_t step = 0; step < steps; step++)
            virtual_clock_step(&loop);
        if (in_turns) {
            hung_up->on_cancelled = free_run;
            run_cancel_in_turns(hung_up);
        } else {
            run_cancel(hung_up);
            free(hung_up);
        }
        virtual_clock_run(&loop);
        check_bystander();
        assert_true(virtual_clock_is_idle(&loop));
    }
}

static void a_cancelled_run_can_be_freed_at_once(void **state)
{
    (void)state;
    cancel_and_free_run(false);
    cancel_and_free_run(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cancel_at_every_suspension_point),
        cmocka_unit_test(cancel_does_not_disturb_another_scope),
        cmocka_unit_test(cancel_in_turns_at_every_suspension_point),
        cmocka_unit_test(cancel_in_turns_does_not_disturb_another_scope),
        cmocka_unit_test(cancel_after_the_end_does_nothing),
        cmocka_unit_test(a_cancelled_run_can_be_freed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
