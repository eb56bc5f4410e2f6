/*
 * Cancel of one coroutine below the top: for its parent it is as if that one had finished, and
 * everybody else goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/tree.h"

static const char *const shapes[] = {
    "(1)",
    "((1)0)",
    "(1)(1)(1)",
    "[1]",
    "[1|1|1]",
    "[0|0|0]",
    "[3|1|2]",
    "[1]0[2]1[3]",
    "(([1|2]))",
    "[(1)(1)|(1)(1)]",
    "[[[1|2]|3]|[4|[]]]",
    "0[1(0[2|(0)]3)|00|[|[]]]1",
};

static struct co_loop loop;
static struct family tree;

static bool take_steps(const char *shape, uint64_t steps)
{
    co_loop_init(&loop, 0, NULL);
    tree_start(&tree, &loop, shape);
    for (uint64_t step = 0; step < steps; step++)
        virtual_clock_step(&loop);
    return tree.done == 0;
}

static void cancel_node(struct node *node)
{
    co_cancel(&node->co);
    co_cancel(&node->co);
    assert_int_equal(node->state, NODE_GONE);
    assert_true(node_children_are_at_rest(node));
}

static void run_to_end(void)
{
    virtual_clock_run(&loop);
    assert_int_equal(tree.done, 1);
    assert_int_equal(tree_count(&tree, NODE_AT_WORK), 0);
    assert_true(virtual_clock_is_idle(&loop));
}

/* Any node, anywhere in its life. */
static void a_parent_outlives_its_cancelled_child(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        for (uint64_t steps = 1; take_steps(shapes[i], steps); steps++) {
            for (size_t n = 1; n < tree.count; n++) {
                (void)take_steps(shapes[i], steps);
                if (tree.nodes[n].state == NODE_NEW)
                    continue;
                cancel_node(&tree.nodes[n]);
                run_to_end();
            }
        }
    }
}

/* A called child that is cancelled leaves its parent ready; that one may be cancelled next. */
static void cancels_from_the_bottom_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        for (uint64_t steps = 1; take_steps(shapes[i], steps); steps++) {
            for (size_t n = tree.count; n-- > 0;) {
                if (tree.nodes[n].state != NODE_NEW)
                    cancel_node(&tree.nodes[n]);
            }
            assert_int_equal(tree.done, 0);
            assert_true(virtual_clock_is_idle(&loop));
        }
    }
}

static void a_gather_waits_for_those_that_are_left(void **state)
{
    (void)state;
    (void)take_steps("[9|2|8]", 4);
    cancel_node(&tree.nodes[1]);
    cancel_node(&tree.nodes[3]);
    run_to_end();
    assert_int_equal(loop.now_ns, 2 * MS);
}

static void a_gather_whose_children_are_all_cancelled_goes_on_at_once(void **state)
{
    (void)state;
    (void)take_steps("[9|9]1", 3);
    cancel_node(&tree.nodes[1]);
    assert_true(co_loop_next_ns(&loop) == 9 * MS);
    cancel_node(&tree.nodes[2]);
    run_to_end();
    assert_int_equal(loop.now_ns, 1 * MS);
}

static void children_not_yet_started_still_start(void **state)
{
    (void)state;
    (void)take_steps("[9|3|2]", 2);
    cancel_node(&tree.nodes[1]);
    assert_int_equal(tree.nodes[2].state, NODE_NEW);
    run_to_end();
    assert_int_equal(tree_count(&tree, NODE_GONE), tree.count);
    assert_int_equal(loop.now_ns, 3 * MS);
}

static void a_caller_goes_on_at_once(void **state)
{
    (void)state;
    (void)take_steps("(9)1", 1);
    cancel_node(&tree.nodes[1]);
    run_to_end();
    assert_int_equal(loop.now_ns, 1 * MS);
}

/* The one that cancels is running; those that it cancels are not. */
static void cancel_siblings(struct node *node)
{
    const struct node *parent = node->parent;
    if (parent == NULL || node != parent->children + 1 || node->state != NODE_AT_WORK)
        return;
    for (struct node *sibling = parent->children; sibling < parent->end; sibling++) {
        if (sibling != node && sibling->state == NODE_AT_WORK)
            cancel_node(sibling);
    }
}

static void a_coroutine_may_cancel_its_siblings(void **state)
{
    (void)state;
    co_loop_init(&loop, 0, NULL);
    tree_start(&tree, &loop, "[9|12|(9)|[9|9]]");
    tree.on_step = cancel_siblings;
    run_to_end();
    assert_int_equal(loop.now_ns, 3 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parent_outlives_its_cancelled_child),
        cmocka_unit_test(cancels_from_the_bottom_up),
        cmocka_unit_test(a_gather_waits_for_those_that_are_left),
        cmocka_unit_test(a_gather_whose_children_are_all_cancelled_goes_on_at_once),
        cmocka_unit_test(children_not_yet_started_still_start),
        cmocka_unit_test(a_caller_goes_on_at_once),
        cmocka_unit_test(a_coroutine_may_cancel_its_siblings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
