/*
 * Coroutines in coroutines: who goes on when, in every way to put one in another. Also a tour of
 * how frames are built: a member for each child that is called, an array for those that are
 * gathered.
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

/* Two naps, one after the other. */
struct in_turn {
    struct co co;
    struct nap first;
    struct nap second;
};

static void in_turn(struct co *co)
{
    struct in_turn *self = (struct in_turn *)co;
    async(co) {
        await(call(co, nap, &self->first));
        await(call(co, nap, &self->second));
    }
}

/* Two naps at once. */
struct at_once {
    struct co co;
    struct nap each[2];
};

static void at_once(struct co *co)
{
    struct at_once *self = (struct at_once *)co;
    async(co) {
        await(gather(co, nap, self->each, 2));
    }
}

static struct nap one(int name)
{
    return (struct nap){.name = name, .length_ns = 1000 * MS};
}

static struct in_turn in_turn_of(int first, int second)
{
    return (struct in_turn){.first = one(first), .second = one(second)};
}

static struct at_once at_once_of(int first, int second)
{
    return (struct at_once){.each = {one(first), one(second)}};
}

struct parallel_of_sequences {
    struct co co;
    struct in_turn each[2];
};

static void parallel_of_sequences(struct co *co)
{
    struct parallel_of_sequences *self = (struct parallel_of_sequences *)co;
    async(co) {
        await(gather(co, in_turn, self->each, 2));
    }
}

static void a_parallel_of_sequences(void **state)
{
    (void)state;
    struct parallel_of_sequences top = {.each = {in_turn_of(1, 2), in_turn_of(3, 4)}};
    expect(parallel_of_sequences, &top.co,
           "0:H1 0:H3 1000:W1 1000:H2 1000:W3 1000:H4 2000:W2 2000:W4");
}

struct sequence_of_parallels {
    struct co co;
    struct at_once first;
    struct at_once second;
};

static void sequence_of_parallels(struct co *co)
{
    struct sequence_of_parallels *self = (struct sequence_of_parallels *)co;
    async(co) {
        await(call(co, at_once, &self->first));
        await(call(co, at_once, &self->second));
    }
}

static void a_sequence_of_parallels(void **state)
{
    (void)state;
    struct sequence_of_parallels top = {.first = at_once_of(1, 2), .second = at_once_of(3, 4)};
    expect(sequence_of_parallels, &top.co,
           "0:H1 0:H2 1000:W1 1000:W2 1000:H3 1000:H4 2000:W3 2000:W4");
}

struct two_deep {
    struct co co;
    int name;
    struct at_once each[2];
};

static void two_deep(struct co *co)
{
    struct two_deep *self = (struct two_deep *)co;
    async(co) {
        note(co, "begin", self->name);
        await(gather(co, at_once, self->each, 2));
        note(co, "end", self->name);
    }
}

struct three_deep {
    struct co co;
    struct two_deep each[2];
};

static void three_deep(struct co *co)
{
    struct three_deep *self = (struct three_deep *)co;
    async(co) {
        await(gather(co, two_deep, self->each, 2));
        note(co, "all", 0);
    }
}

static void a_gather_in_a_gather_in_a_gather(void **state)
{
    (void)state;
    struct three_deep top = {.each = {{.name = 1, .each = {at_once_of(1, 2), at_once_of(3, 4)}},
                                      {.name = 2, .each = {at_once_of(5, 6), at_once_of(7, 8)}}}};
    expect(three_deep, &top.co,
           "0:begin1 0:begin2 0:H1 0:H2 0:H3 0:H4 0:H5 0:H6 0:H7 0:H8 "
           "1000:W1 1000:W2 1000:W3 1000:W4 1000:W5 1000:W6 1000:W7 1000:W8 "
           "1000:end1 1000:end2 1000:all0");
}

static void a_called_child_runs_at_once_and_its_parent_goes_on_at_once(void **state)
{
    (void)state;
    struct two_deep top = {.name = 9, .each = {at_once_of(1, 2), at_once_of(3, 4)}};
    top.each[1].each[1].length_ns = 0;
    expect(two_deep, &top.co,
           "0:begin9 0:H1 0:H2 0:H3 0:H4 0:W4 1000:W1 1000:W2 1000:W3 1000:end9");
}

/* Children of different kinds at once: each wears the same coat, with a body of its own in it. */
struct coat {
    struct co co;
    co_body *body;
    union {
        struct co inside;
        struct nap nap;
        struct in_turn in_turn;
        struct at_once at_once;
    };
};

static void coat(struct co *co)
{
    struct coat *self = (struct coat *)co;
    async(co) {
        await(co_call(co, self->body, &self->inside));
    }
}

struct wardrobe {
    struct co co;
    struct coat coats[3];
};

static void wardrobe(struct co *co)
{
    struct wardrobe *self = (struct wardrobe *)co;
    async(co) {
        await(gather(co, coat, self->coats, 3));
    }
}

static void a_gather_of_different_frames(void **state)
{
    (void)state;
    struct wardrobe top = {.coats = {{.body = nap, .nap = one(1)},
                                     {.body = in_turn, .in_turn = in_turn_of(2, 3)},
                                     {.body = at_once, .at_once = at_once_of(4, 5)}}};
    expect(wardrobe, &top.co,
           "0:H1 0:H2 0:H4 0:H5 1000:W1 1000:W2 1000:H3 1000:W4 1000:W5 2000:W3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_parallel_of_sequences, fresh_loop),
        cmocka_unit_test_setup(a_sequence_of_parallels, fresh_loop),
        cmocka_unit_test_setup(a_gather_in_a_gather_in_a_gather, fresh_loop),
        cmocka_unit_test_setup(a_called_child_runs_at_once_and_its_parent_goes_on_at_once,
                               fresh_loop),
        cmocka_unit_test_setup(a_gather_of_different_frames, fresh_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
