/*
 * A large scope holds up no other one: whatever it is doing, another scope's coroutine goes on
 * within a bounded number of steps, and no step runs more than a bounded number of bodies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/virtual_clock.h"
#include <stdlib.h>

#define MANY 100000

/* What is waited for: the large scope's turn, the small one's, and one more scope that comes. */
#define BOUND_STEPS ((uint64_t)CO_TURN + 2)

static struct co_loop loop;
static uint64_t bodies; /* that went on, of the large scope */
static uint32_t ends;
static int cancelled;

/* ---- a large scope --------------------------------------------------------------------------- */

struct small {
    struct co co;
};

struct large {
    struct co_scope scope;
    struct co co;
    co_body *child;
    uint32_t i;
    struct small each[MANY];
};

static struct large *large;

static struct large *large_of(const struct co *co)
{
    return (struct large *)co_scope_of(co);
}

static void sleeps(struct co *co)
{
    async(co) {
        bodies++;
        await(co_sleep(co, 5 * MS));
        bodies++;
        finally
        {
            ends++;
        }
    }
}

static void yields(struct co *co)
{
    async(co) {
        bodies++;
        await(co_sleep(co, 0));
        bodies++;
        finally
        {
            ends++;
        }
    }
}

static void returns_at_once(struct co *co)
{
    async(co) {
        bodies++;
        ends++;
    }
}

static void gathers(struct co *co)
{
    async(co) {
        await(gather(co, large_of(co)->child, large_of(co)->each, MANY));
    }
}

static void calls(struct co *co)
{
    struct large *self = large_of(co);
    async(co) {
        for (self->i = 0; self->i < MANY; self->i++)
            await(call(co, self->child, &self->each[0]));
    }
}

/* Each calls the next one, so the last one is MANY calls deep. */
static void nests(struct co *co)
{
    struct large *self = large_of(co);
    async(co) {
        bodies++;
        if (++self->i < MANY)
            await(co_call(co, nests, &self->each[self->i].co));
        else
            await(co_sleep(co, 5 * MS));
        bodies++;
        finally
        {
            ends++;
        }
    }
}

static void on_done(struct co_scope *scope)
{
    (void)scope;
}

static void on_cancelled(struct co_scope *scope)
{
    (void)scope;
    cancelled++;
}

static void start_large(co_body *top, co_body *child)
{
    large->scope =
        (struct co_scope){.loop = &loop, .on_done = on_done, .on_cancelled = on_cancelled};
    large->child = child;
    large->i = 0;
    co_start(&large->scope, top, &large->co);
}

/* ---- a small one beside it ------------------------------------------------------------------- */

struct beside {
    struct co_scope scope;
    struct co co;
    int64_t pause_ns;
    uint64_t rounds;
};

static struct beside beside;

static void goes_round(struct co *co)
{
    struct beside *self = (struct beside *)co_scope_of(co);
    async(co) {
        for (;; self->rounds++)
            await(co_sleep(co, self->pause_ns));
    }
}

static void start_beside(int64_t pause_ns)
{
    beside = (struct beside){.scope = {.loop = &loop, .on_done = on_done}, .pause_ns = pause_ns};
    co_start(&beside.scope, goes_round, &beside.co);
}

static int fresh_loop(void **state)
{
    (void)state;
    co_loop_init(&loop, 0, NULL);
    large = malloc(sizeof *large);
    bodies = 0;
    ends = 0;
    cancelled = 0;
    return large == NULL;
}

static int free_large(void **state)
{
    (void)state;
    co_cancel(&beside.co);
    assert_true(virtual_clock_is_idle(&loop));
    free(large);
    return 0;
}

/* To the large scope's end; the small one never waits for longer than the bound. */
static void expect_fair_steps(uint64_t at_least)
{
    uint64_t steps = 0;
    uint64_t since = 0;
    while (loop.live > 1) {
        uint64_t rounds = beside.rounds;
        uint64_t before = bodies;
        assert_true(virtual_clock_step(&loop));
        assert_true(bodies - before <= CO_TURN);
        since = beside.rounds == rounds ? since + 1 : 0;
        assert_true(since <= BOUND_STEPS);
        steps++;
    }
    assert_true(steps >= at_least);
}

/* ---- whatever the large one does ------------------------------------------------------------- */

static void while_many_are_started_and_take_turns(void **state)
{
    (void)state;
    start_large(gathers, yields);
    start_beside(0);
    expect_fair_steps(2ULL * MANY);
    assert_int_equal(ends, MANY);
}

/* The small one is due a little later than all of the large one, and does not wait for all. */
static void while_many_wake(void **state)
{
    (void)state;
    start_large(gathers, sleeps);
    while (bodies < MANY)
        (void)virtual_clock_step(&loop);
    start_beside(5 * MS + 1);
    (void)virtual_clock_step(&loop);
    beside.pause_ns = 0;
    int64_t late_ns = loop.now_ns + 6 * MS;
    for (uint64_t steps = 0; beside.rounds == 0; steps++) {
        assert_true(co_loop_step(&loop, late_ns));
        assert_true(steps <= BOUND_STEPS);
    }
    assert_true(bodies < MANY + BOUND_STEPS);
    expect_fair_steps(MANY / CO_TURN);
    assert_int_equal(ends, MANY);
}

static void while_many_are_called_one_by_one(void **state)
{
    (void)state;
    start_large(calls, returns_at_once);
    start_beside(0);
    expect_fair_steps(MANY / CO_TURN);
    assert_int_equal(ends, MANY);
}

static void while_calls_go_deep_and_come_back(void **state)
{
    (void)state;
    start_large(nests, NULL);
    start_beside(0);
    while (large->i < MANY || loop.live > MANY + 1)
        assert_true(virtual_clock_step(&loop));
    beside.pause_ns = 1 * MS; /* so that the clock goes on */
    while (loop.now_ns < 5 * MS)
        assert_true(virtual_clock_step(&loop));
    beside.pause_ns = 0;
    expect_fair_steps(MANY / CO_TURN);
    assert_int_equal(ends, MANY);
}

/* ---- while it is cancelled ------------------------------------------------------------------- */

static void expect_fair_cancel(void)
{
    uint64_t went_on = bodies;
    co_cancel_scope(&large->scope);
    co_cancel_scope(&large->scope);
    assert_int_equal(cancelled, 0);
    beside.pause_ns = 0;
    expect_fair_steps(1);
    assert_int_equal(cancelled, 1);
    assert_int_equal(bodies, went_on);
}

static void while_sleepers_are_cancelled(void **state)
{
    (void)state;
    start_large(gathers, sleeps);
    while (bodies < MANY)
        (void)virtual_clock_step(&loop);
    start_beside(0);
    expect_fair_cancel();
    assert_int_equal(ends, MANY);
}

static void while_a_half_started_gather_is_cancelled(void **state)
{
    (void)state;
    start_large(gathers, yields);
    while (bodies < MANY / 2)
        (void)virtual_clock_step(&loop);
    start_beside(0);
    expect_fair_cancel();
    assert_int_equal(ends, MANY / 2);
}

/* Cancelling is no recursion: as deep as this it would need megabytes of stack. */
static void while_a_deep_chain_of_calls_is_cancelled(void **state)
{
    (void)state;
    start_large(nests, NULL);
    while (large->i < MANY)
        (void)virtual_clock_step(&loop);
    start_beside(0);
    expect_fair_cancel();
    assert_int_equal(ends, MANY);
}

static void a_deep_chain_of_calls_can_be_cancelled_at_once(void **state)
{
    (void)state;
    start_beside(0);
    start_large(nests, NULL);
    while (large->i < MANY)
        (void)virtual_clock_step(&loop);
    co_cancel(&large->co);
    assert_int_equal(ends, MANY);
    assert_int_equal(cancelled, 0);
}

/* ---- among many small ones ------------------------------------------------------------------- */

#define CROWD 1000

static void wakes_once(struct co *co)
{
    struct beside *self = (struct beside *)co_scope_of(co);
    async(co) {
        await(co_sleep(co, self->pause_ns));
        self->rounds = ++bodies;
    }
}

/* Even where all are late: as long as none is large, they wake as if there were no scopes. */
static void small_scopes_wake_in_the_order_of_their_deadlines(void **state)
{
    static struct beside crowd[CROWD];
    (void)state;
    start_beside(0);
    co_cancel(&beside.co);
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = (struct beside){.scope = {.loop = &loop, .on_done = on_done},
                                   .pause_ns = (1 + i * 7919 % CROWD) * MS};
        co_start(&crowd[i].scope, wakes_once, &crowd[i].co);
    }
    for (int i = 0; i < CROWD; i++)
        assert_true(virtual_clock_step(&loop));
    while (co_loop_step(&loop, CROWD * MS))
        continue;
    for (int i = 0; i < CROWD; i++)
        assert_int_equal(crowd[i].rounds, crowd[i].pause_ns / MS);
}

int main(void)
{
#define FAIR(test) cmocka_unit_test_setup_teardown(test, fresh_loop, free_large)
    const struct CMUnitTest tests[] = {
        FAIR(while_many_are_started_and_take_turns),
        FAIR(while_many_wake),
        FAIR(while_many_are_called_one_by_one),
        FAIR(while_calls_go_deep_and_come_back),
        FAIR(while_sleepers_are_cancelled),
        FAIR(while_a_half_started_gather_is_cancelled),
        FAIR(while_a_deep_chain_of_calls_is_cancelled),
        FAIR(a_deep_chain_of_calls_can_be_cancelled_at_once),
        FAIR(small_scopes_wake_in_the_order_of_their_deadlines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
