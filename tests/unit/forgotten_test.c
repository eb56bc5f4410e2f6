/*
 * What becomes of a wait that nobody awaits: it is dropped and reported, and nobody is woken by it.
 * The compiler warns of it (tests/compile_fail/); here the warning is silenced with a variable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/count.h"
#include "tests/support/diary.h"

static struct co_loop loop;
static struct diary diary;

static int fresh_loop(void **state)
{
    (void)state;
    co_loop_init(&loop, 0, NULL);
    diary_init(&diary, &loop);
    return 0;
}

/* One waits in each way; the frames of children that never start stay as they are. */
struct forgetful {
    struct co co;
    co_body *forget;
    struct nap children[2];
};

static void forget(struct co_wait wait)
{
    (void)wait;
}

static void forget_sleep(struct co *co)
{
    forget(co_sleep(co, 5 * MS));
}

static void forget_turn(struct co *co)
{
    forget(co_sleep(co, 0));
}

static void forget_call(struct co *co)
{
    forget(call(co, nap, &((struct forgetful *)co)->children[0]));
}

static void forget_gather(struct co *co)
{
    forget(gather(co, nap, ((struct forgetful *)co)->children, 2));
}

static void forget_gather_of_nothing(struct co *co)
{
    forget(gather(co, nap, ((struct forgetful *)co)->children, 0));
}

static co_body *const ways_to_forget[] = {forget_sleep, forget_turn, forget_call, forget_gather,
                                          forget_gather_of_nothing};

/* Forgets before each kind of await, and twice before the end. */
static void forgetful(struct co *co)
{
    struct forgetful *self = (struct forgetful *)co;
    async(co) {
        self->forget(co);
        await(co_sleep(co, 1 * MS));
        self->forget(co);
        await(co_sleep(co, 0));
        self->forget(co);
        await(call(co, nap, &self->children[1]));
        self->forget(co);
        await(gather(co, nap, self->children, 2));
        self->forget(co);
        self->forget(co);
        finally
        {
            note(co, "end", 0);
        }
    }
}

static struct forgetful forgetful_of(co_body *way)
{
    return (struct forgetful){
        .forget = way,
        .children = {{.name = 1, .length_ns = 2 * MS}, {.name = 2, .length_ns = 3 * MS}}};
}

static void is_dropped_and_reported_each_time(void **state)
{
    (void)state;
    for (size_t way = 0; way < COUNT(ways_to_forget); way++) {
        (void)fresh_loop(NULL);
        struct forgetful top = forgetful_of(ways_to_forget[way]);
        co_start(&diary.scope, forgetful, &top.co);
        virtual_clock_run(&loop);
        assert_string_equal(diary.text, "1:H2 4:W2 4:H1 4:H2 6:W1 7:W2 7:end0");
        assert_int_equal(diary.forgotten, 6);
        assert_int_equal(diary.done, 1);
        assert_true(virtual_clock_is_idle(&loop));
    }
}

static void need_not_be_reported_to_anybody(void **state)
{
    (void)state;
    struct forgetful top = forgetful_of(forget_sleep);
    diary.scope.on_never_awaited = NULL;
    co_start(&diary.scope, forgetful, &top.co);
    virtual_clock_run(&loop);
    assert_int_equal(diary.forgotten, 0);
    assert_int_equal(diary.done, 1);
}

static void leaves_nothing_behind_when_cancelled(void **state)
{
    (void)state;
    for (size_t way = 0; way < COUNT(ways_to_forget); way++) {
        for (int steps = 0; steps < 8; steps++) {
            (void)fresh_loop(NULL);
            struct forgetful top = forgetful_of(ways_to_forget[way]);
            co_start(&diary.scope, forgetful, &top.co);
            for (int step = 0; step < steps; step++)
                assert_true(virtual_clock_step(&loop));
            co_cancel(&top.co);
            assert_true(virtual_clock_is_idle(&loop));
            assert_int_equal(diary.done, 0);
        }
    }
}

/* Armed early, awaited later: no misuse, and the time counts from when it was armed. */
struct early {
    struct co co;
    struct co_wait wait;
};

static void early(struct co *co)
{
    struct early *self = (struct early *)co;
    async(co) {
        self->wait = co_sleep(co, 2 * MS);
        note(co, "armed", 0);
        await(self->wait);
        note(co, "woke", 0);
    }
}

static void is_not_one_that_is_awaited_later(void **state)
{
    (void)state;
    struct early top;
    co_start(&diary.scope, early, &top.co);
    virtual_clock_run(&loop);
    assert_string_equal(diary.text, "0:armed0 2:woke0");
    assert_int_equal(diary.forgotten, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_dropped_and_reported_each_time, fresh_loop),
        cmocka_unit_test_setup(need_not_be_reported_to_anybody, fresh_loop),
        cmocka_unit_test_setup(leaves_nothing_behind_when_cancelled, fresh_loop),
        cmocka_unit_test_setup(is_not_one_that_is_awaited_later, fresh_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
