/*
 * What a parent awaits of several children, as exact traces on the virtual clock: who says what
 * when, with which error each ends, and that nothing is left. Programs of the runtime alone;
 * tests/plans holds the same to CPython.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/diary.h"

#define CHILDREN 3

/* Says H, sleeps, and says W or fails; says X in its finally. */
struct task {
    struct co co;
    int name;
    int64_t length_ns;
    uint32_t error;
};

static void task(struct co *co)
{
    struct task *self = (struct task *)co;
    async(co) {
        note(co, "H", self->name);
        await(co_sleep(co, self->length_ns));
        if (self->error != 0)
            raise_error(self->error);
        note(co, "W", self->name);
        finally
        {
            note(co, "X", self->name);
        }
    }
}

enum way { GATHER, COLLECT, GROUP, RACE };

struct parent {
    struct co co;
    enum way way;
    struct co_timer timer;
    struct task each[CHILDREN];
    struct task after;
};

static struct co_loop loop;
static struct diary diary;
static struct parent parent;

static void set_up(enum way way, const int64_t *lengths_ms, uint32_t failing)
{
    co_loop_init(&loop, 0, NULL);
    diary_init(&diary, &loop);
    parent = (struct parent){.way = way, .after = {.name = 9, .length_ns = 10000 * MS}};
    for (int i = 0; i < CHILDREN; i++)
        parent.each[i] = (struct task){.name = i + 1,
                                       .length_ns = lengths_ms[i] * MS,
                                       .error = failing == (uint32_t)i + 1 ? 40 + failing : 0};
}

static void run(co_body *body, const char *golden, uint32_t error)
{
    co_start(&diary.scope, body, &parent.co);
    virtual_clock_run(&loop);
    assert_string_equal(diary.text, golden);
    assert_int_equal(co_error(&parent.co), error);
    assert_int_equal(diary.done, 1);
    assert_true(virtual_clock_is_idle(&loop));
}

/* ---- several --------------------------------------------------------------------------------- */

/* The awaitable is chosen outside of the body: an await in a nested switch would trap. */
static struct co_wait all_of(struct parent *self)
{
    switch (self->way) {
    case GATHER:
        return gather(&self->co, task, self->each, CHILDREN);
    case COLLECT:
        return collect(&self->co, task, self->each, CHILDREN);
    case GROUP:
        return group(&self->co, task, self->each, CHILDREN);
    default:
        return race(&self->co, task, self->each, CHILDREN);
    }
}

static void several(struct co *co)
{
    async(co) {
        await(all_of((struct parent *)co));
        note(co, "end", 0);
    }
}

static void several_and_more(struct co *co)
{
    struct parent *self = (struct parent *)co;
    async(co) {
        attempt(all_of(self));
        note(co, "caught", (int)co_error(co));
        await(call(co, task, &self->after));
    }
}

static const int64_t lengths_ms[CHILDREN] = {3000, 1000, 2000};

static void all_that_are_well(void **state)
{
    (void)state;
    for (enum way way = GATHER; way <= GROUP; way++) {
        set_up(way, lengths_ms, 0);
        run(several, "0:H1 0:H2 0:H3 1000:W2 1000:X2 2000:W3 2000:X3 3000:W1 3000:X1 3000:end0", 0);
    }
}

static void the_first_of_a_race_wins(void **state)
{
    (void)state;
    set_up(RACE, lengths_ms, 0);
    run(several, "0:H1 0:H2 0:H3 1000:W2 1000:X2 1000:end0 1000:X1 1000:X3", 0);
    set_up(RACE, lengths_ms, 2);
    run(several, "0:H1 0:H2 0:H3 1000:X2 1000:X1 1000:X3", 42);
}

static void a_gather_that_fails_leaves_orphans(void **state)
{
    (void)state;
    set_up(GATHER, lengths_ms, 2);
    run(several_and_more,
        "0:H1 0:H2 0:H3 1000:X2 1000:caught42 1000:H9 2000:W3 2000:X3 3000:W1 3000:X1 11000:W9 "
        "11000:X9",
        0);
}

static void orphans_end_with_the_top(void **state)
{
    (void)state;
    set_up(GATHER, lengths_ms, 2);
    run(several, "0:H1 0:H2 0:H3 1000:X2 1000:X3 1000:X1", 42);
}

static void a_collect_never_fails(void **state)
{
    (void)state;
    set_up(COLLECT, lengths_ms, 2);
    run(several, "0:H1 0:H2 0:H3 1000:X2 2000:W3 2000:X3 3000:W1 3000:X1 3000:end0", 0);
}

static void a_group_cancels_and_waits(void **state)
{
    (void)state;
    set_up(GROUP, lengths_ms, 2);
    run(several_and_more,
        "0:H1 0:H2 0:H3 1000:X2 1000:X1 1000:X3 1000:caught42 1000:H9 11000:W9 11000:X9", 0);
    for (int i = 0; i < CHILDREN; i++)
        assert_int_equal(co_error(&parent.each[i].co), i == 1 ? 42 : CO_CANCELLED);
}

/* ---- one ------------------------------------------------------------------------------------- */

static void in_time(struct co *co)
{
    struct parent *self = (struct parent *)co;
    async(co) {
        await(timeout(co, &self->timer, 1500 * MS, task, &self->each[0]));
        note(co, "end", 0);
    }
}

static void a_timeout(void **state)
{
    (void)state;
    set_up(GATHER, (const int64_t[]){1000, 0, 0}, 0);
    run(in_time, "0:H1 1000:W1 1000:X1 1000:end0", 0);
    set_up(GATHER, (const int64_t[]){2000, 0, 0}, 0);
    run(in_time, "0:H1 1500:X1", CO_TIMED_OUT);
    set_up(GATHER, (const int64_t[]){1000, 0, 0}, 1);
    run(in_time, "0:H1 1000:X1", 41);
}

/* A time-out reaches all below, through every way of waiting. */
static void several_in_time(struct co *co)
{
    struct parent *self = (struct parent *)co;
    async(co) {
        await(timeout(co, &self->timer, 500 * MS, several, self + 1));
    }
}

static void a_timeout_of_several(void **state)
{
    (void)state;
    static struct parent both[2];
    for (enum way way = GATHER; way <= RACE; way++) {
        set_up(way, lengths_ms, 0);
        both[1] = parent;
        co_start(&diary.scope, several_in_time, &both[0].co);
        virtual_clock_run(&loop);
        assert_string_equal(diary.text, "0:H1 0:H2 0:H3 500:X1 500:X2 500:X3");
        assert_int_equal(co_error(&both[0].co), CO_TIMED_OUT);
        assert_int_equal(co_error(&both[1].co), CO_CANCELLED);
        assert_true(virtual_clock_is_idle(&loop));
    }
}

static void shielded(struct co *co)
{
    struct parent *self = (struct parent *)co;
    async(co) {
        await(shield(co, task, &self->each[0]));
    }
}

static void shielded_in_time(struct co *co)
{
    struct parent *self = (struct parent *)co;
    async(co) {
        attempt(timeout(co, &self->timer, 500 * MS, shielded, self + 1));
        note(co, "late", co_error(co) == CO_TIMED_OUT);
        await(call(co, task, &self->after));
    }
}

static void the_shielded_go_on(void **state)
{
    (void)state;
    static struct parent both[2];
    set_up(GATHER, lengths_ms, 0);
    both[0] = both[1] = parent;
    co_start(&diary.scope, shielded_in_time, &both[0].co);
    virtual_clock_run(&loop);
    assert_string_equal(diary.text, "0:H1 500:late1 500:H9 3000:W1 3000:X1 10500:W9 10500:X9");
    assert_true(virtual_clock_is_idle(&loop));
}

/* ---- room ------------------------------------------------------------------------------------ */

struct guest {
    struct co co;
    struct task task;
    bool has_room;
};

static struct co_semaphore semaphore;

static void guest(struct co *co)
{
    struct guest *self = (struct guest *)co;
    async(co) {
        self->has_room = false;
        await(co_acquire(co, &semaphore));
        self->has_room = true;
        await(call(co, task, &self->task));
        finally
        {
            if (self->has_room)
                co_release(&semaphore);
        }
    }
}

struct house {
    struct co co;
    struct guest guests[4];
};

static void house(struct co *co)
{
    struct house *self = (struct house *)co;
    async(co) {
        await(gather(co, guest, self->guests, 4));
    }
}

static void a_semaphore_makes_waves(void **state)
{
    (void)state;
    static struct house full;
    set_up(GATHER, lengths_ms, 0);
    co_semaphore_init(&semaphore, 2);
    for (int i = 0; i < 4; i++)
        full.guests[i].task = (struct task){.name = i + 1, .length_ns = 1000 * MS};
    co_start(&diary.scope, house, &full.co);
    virtual_clock_run(&loop);
    assert_string_equal(diary.text, "0:H1 0:H2 1000:W1 1000:X1 1000:W2 1000:X2 1000:H3 1000:H4 "
                                    "2000:W3 2000:X3 2000:W4 2000:X4");
    assert_int_equal(semaphore.free, 2);
    assert_null(semaphore.first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_are_well),
        cmocka_unit_test(the_first_of_a_race_wins),
        cmocka_unit_test(a_gather_that_fails_leaves_orphans),
        cmocka_unit_test(orphans_end_with_the_top),
        cmocka_unit_test(a_collect_never_fails),
        cmocka_unit_test(a_group_cancels_and_waits),
        cmocka_unit_test(a_timeout),
        cmocka_unit_test(a_timeout_of_several),
        cmocka_unit_test(the_shielded_go_on),
        cmocka_unit_test(a_semaphore_makes_waves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
