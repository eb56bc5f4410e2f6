/*
 * Random trees, started and cancelled at random times on a clock that is often late, against a
 * model that knows lists and searches them: after each step the same nodes have done the same
 * things.
 *
 * A failure prints its seed and the trees; see tree.h for how to read them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/model.h"
#include "tests/support/tree.h"

#define SEEDS 5000
#define TREES 4

static struct co_loop loop;
static struct tree trees[TREES];
static char scripts[TREES][200];
static uint32_t started;
static struct events events;

static struct model model;
static struct model_node model_nodes[TREES][TREE_NODES];

static uint64_t seed;
static uint64_t random_state;

/* xorshift64* (Marsaglia 2003, Vigna 2014) */
static uint32_t below(uint32_t limit)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * 0x2545F4914F6CDD1DULL) >> 32) % limit;
}

static char *write_script(char *at, char *end, int depth);

static char *write_group(char *at, char *end, int depth)
{
    bool gather = below(2) == 0;
    *at++ = gather ? '[' : '(';
    at = write_script(at, end, depth - 1);
    for (uint32_t more = gather ? below(3) : 0; more > 0 && at < end; more--) {
        *at++ = '|';
        at = write_script(at, end, depth - 1);
    }
    *at++ = gather ? ']' : ')';
    return at;
}

/* Few different lengths, so that many deadlines are equal. Each level may
   end one byte past `end`. */
static char *write_script(char *at, char *end, int depth)
{
    for (uint32_t steps = below(4); steps > 0 && at < end; steps--) {
        if (depth > 0 && below(2) == 0)
            at = write_group(at, end, depth);
        else
            *at++ = "001123"[below(6)];
    }
    return at;
}

static void write_event(struct node *node)
{
    events_add(&events, node, node->at, loop.now_ns);
}

static void start_next(void)
{
    struct tree *tree = &trees[started];
    *write_script(scripts[started], scripts[started] + 150, 3) = '\0';
    tree_start(tree, &loop, scripts[started]);
    tree->on_step = write_event;
    model_grow(&model, model_nodes[started], tree);
    model_start(&model, model_nodes[started]);
    started++;
}

static bool is_being_cancelled(uint32_t t)
{
    return model_nodes[t][0].scope->move_count > 0;
}

/* A half of them at the top, and of these a half in turns. One that is not started has nothing that
   could be cancelled. */
static void cancel_any(void)
{
    uint32_t t = below(started);
    uint32_t n = below(2) == 0 ? 0 : below((uint32_t)trees[t].count);
    if (n == 0 && below(2) == 0) {
        co_cancel_scope(&trees[t].scope);
        model_cancel_scope(&model, &model_nodes[t][0]);
        return;
    }
    if (model_nodes[t][n].state == NODE_NEW || is_being_cancelled(t))
        return;
    co_cancel(&trees[t].nodes[n].co);
    model_cancel(&model, &model_nodes[t][n]);
}

/* Stays, goes to the next deadline, or jumps to anywhere. */
static int64_t next_time(void)
{
    int64_t next_ns = co_loop_next_ns(&loop);
    switch (below(3)) {
    case 0:
        return loop.now_ns;
    case 1:
        return next_ns != CO_NEVER && next_ns > loop.now_ns ? next_ns : loop.now_ns;
    default:
        return loop.now_ns + below(3 * MS);
    }
}

static void check_agreement(size_t checked)
{
    assert_int_equal(events.count, model.events.count);
    for (size_t i = checked; i < events.count; i++) {
        assert_ptr_equal(events.list[i].node, model.events.list[i].node);
        assert_ptr_equal(events.list[i].at, model.events.list[i].at);
        assert_int_equal(events.list[i].now_ns, model.events.list[i].now_ns);
    }
    assert_int_equal(loop.live, model.live);
    const struct model_scope *scope = model_first_scope(&model);
    int64_t real_ns = co_loop_next_ns(&loop);
    int64_t model_ns = scope == NULL ? CO_NEVER : scope->since_ns;
    if (real_ns > loop.now_ns || model_ns > loop.now_ns)
        assert_int_equal(real_ns, model_ns);
}

static void take_turns(int64_t now_ns)
{
    for (uint32_t steps = below(8); steps > 0; steps--) {
        size_t checked = events.count;
        assert_int_equal(co_loop_step(&loop, now_ns), model_step(&model, now_ns));
        check_agreement(checked);
    }
}

static void run_schedule(uint32_t cancel_one_in)
{
    co_loop_init(&loop, 0, NULL);
    loop.turn = below(2) == 0 ? CO_TURN : 1 + below(4);
    model_init(&model, loop.turn);
    started = 0;
    events.count = 0;
    while (started < TREES || !virtual_clock_is_idle(&loop)) {
        size_t checked = events.count;
        if (started < TREES && below(4) == 0)
            start_next();
        if (started > 0 && below(cancel_one_in) == 0)
            cancel_any();
        check_agreement(checked);
        take_turns(next_time());
    }
    for (uint32_t t = 0; t < TREES; t++) {
        assert_int_equal(tree_count(&trees[t], NODE_AT_WORK), 0);
        assert_int_equal(trees[t].cancelled, is_being_cancelled(t));
    }
}

static void random_schedules_go_as_the_model_says(void **state)
{
    (void)state;
    for (seed = 1; seed <= SEEDS; seed++) {
        random_state = seed * 0x9E3779B97F4A7C15ULL;
        run_schedule(seed % 2 == 0 ? 10 : UINT32_MAX);
    }
}

static int print_what_failed(void **state)
{
    (void)state;
    for (uint32_t t = 0; seed <= SEEDS && t < started; t++)
        print_error("seed %d, tree %u: %s\n", (int)seed, t, scripts[t]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(random_schedules_go_as_the_model_says, print_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
