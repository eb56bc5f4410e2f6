/*
 * The sleep queue against a sort: whoever is in it leaves by deadline, then by order of arrival, in
 * whatever order sleepers come and go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "async/sleep_queue.h"
#include <stdlib.h>

#define MANY 100000

#define LANES 64

static struct co_sleep_queue queue;
static struct co_place *tails[LANES];
static struct co_place sleepers[MANY];
static uint64_t order;

static int fresh_queue(void **state)
{
    (void)state;
    sleep_queue_init(&queue, tails, LANES);
    order = 0;
    return 0;
}

/* Everything but what the queue may rely on is left as the last test left it. */
static void add(struct co_place *place, int64_t now_ns, int64_t length_ns)
{
    place->due_ns = now_ns + length_ns;
    place->order = order++;
    sleep_queue_add(&queue, place, length_ns);
}

static int compare(const void *a, const void *b)
{
    const struct co_place *x = *(struct co_place *const *)a;
    const struct co_place *y = *(struct co_place *const *)b;
    return co_before(x, y) ? -1 : co_before(y, x);
}

/* Takes all out, earliest first, and compares with qsort() of the same sleepers. */
static void expect_sorted(struct co_place **expected, size_t count)
{
    qsort(expected, count, sizeof(void *), compare);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(queue.earliest, expected[i]);
        sleep_queue_remove(&queue, expected[i]);
    }
    assert_null(queue.earliest);
    for (int lane = 0; lane < LANES; lane++)
        assert_null(tails[lane]);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

/* Equal, ascending, descending, of few kinds, of any kind. */
#define KINDS 5

static int64_t length_of(size_t kind, int64_t i, uint32_t *seed)
{
    int64_t lengths_ns[KINDS] = {1000, 1 + i, MANY - i, 1 + next_random(seed) % 3 * 500,
                                 1 + next_random(seed) % 100000};
    return lengths_ns[kind];
}

static void leave_in_order_of_deadlines(void **state)
{
    (void)state;
    enum { SOME = 2000 };
    static struct co_place *expected[SOME];
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (int64_t pace_ns = 0; pace_ns < 3; pace_ns++) {
            uint32_t seed = 1;
            for (int64_t i = 0; i < SOME; i++) {
                expected[i] = &sleepers[i];
                add(expected[i], i * pace_ns, length_of(kind, i, &seed));
            }
            expect_sorted(expected, SOME);
        }
    }
}

/* All ways to take two of five out, with all kinds of lengths; then new
   ones of the same lengths. */
static void remove_two_add_two(size_t kind, int first, int second)
{
    struct co_place *expected[5];
    uint32_t seed = 7;
    for (int i = 0; i < 5; i++) {
        expected[i] = &sleepers[i];
        add(expected[i], 0, length_of(kind, i, &seed));
    }
    sleep_queue_remove(&queue, expected[first]);
    sleep_queue_remove(&queue, expected[second]);
    expected[first] = &sleepers[5];
    expected[second] = &sleepers[6];
    seed = 7;
    add(expected[second], 0, length_of(kind, second, &seed));
    add(expected[first], 1, length_of(kind, first, &seed));
    expect_sorted(expected, 5);
}

static void head_middle_and_tail_can_leave_and_others_come(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (int pair = 0; pair < 25; pair++) {
            if (pair / 5 != pair % 5)
                remove_two_add_two(kind, pair / 5, pair % 5);
        }
    }
}

/* A forgotten tail that is written to later would be seen here by valgrind and the sanitizers. */
static void a_removed_tail_is_not_appended_to(void **state)
{
    (void)state;
    for (int left = 0; left < 3; left++) {
        struct co_place *gone = malloc(sizeof *gone);
        struct co_place *expected[4];
        for (int i = 0; i < left; i++)
            add(expected[i] = &sleepers[i], i, 1000);
        add(gone, left, 1000);
        sleep_queue_remove(&queue, gone);
        free(gone);
        add(expected[left] = &sleepers[left], left, 1000);
        expect_sorted(expected, (size_t)left + 1);
    }
}

static size_t come_and_go(struct co_place **present, size_t count, int64_t now_ns, uint32_t *seed)
{
    uint32_t dice = next_random(seed);
    if (count < 100 && dice % 5 < 3) {
        struct co_place *comes = malloc(sizeof *comes);
        add(comes, now_ns, length_of(dice % KINDS, dice % 10, seed));
        present[count] = comes;
        return count + 1;
    }
    if (count == 0)
        return 0;
    struct co_place **goes = &present[dice % count];
    sleep_queue_remove(&queue, *goes);
    free(*goes);
    *goes = present[count - 1];
    return count - 1;
}

static void any_coming_and_going_keeps_the_order(void **state)
{
    (void)state;
    for (uint32_t first_seed = 1; first_seed <= 20; first_seed++) {
        struct co_place *present[100];
        size_t count = 0;
        uint32_t seed = first_seed;
        for (int64_t i = 0; i < 1000; i++)
            count = come_and_go(present, count, i / 4, &seed);
        expect_sorted(present, count);
        for (size_t i = 0; i < count; i++)
            free(present[i]);
    }
}

/* One chain: only its head is in the heap, whatever becomes of the others. */
static void a_hundred_thousand_of_one_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY; i++)
        add(&sleepers[i], (int64_t)i / 7, 1000);
    assert_null(queue.earliest->heap_child);
    for (size_t i = 1; i < MANY; i += 2)
        sleep_queue_remove(&queue, &sleepers[i]);
    for (size_t i = 0; i < MANY; i += 2) {
        assert_ptr_equal(queue.earliest, &sleepers[i]);
        assert_null(queue.earliest->heap_child);
        sleep_queue_remove(&queue, &sleepers[i]);
    }
    assert_null(queue.earliest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(leave_in_order_of_deadlines, fresh_queue),
        cmocka_unit_test_setup(head_middle_and_tail_can_leave_and_others_come, fresh_queue),
        cmocka_unit_test_setup(a_removed_tail_is_not_appended_to, fresh_queue),
        cmocka_unit_test_setup(any_coming_and_going_keeps_the_order, fresh_queue),
        cmocka_unit_test_setup(a_hundred_thousand_of_one_length, fresh_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
