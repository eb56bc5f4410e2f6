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

#include "tests/support/schedule.h"

#define SEEDS 5000

static struct schedule schedule;
static uint64_t seed;

/* xorshift64* (Marsaglia 2003, Vigna 2014) */
static uint32_t random_below(struct schedule *self, uint32_t limit)
{
    uint64_t *state = self->choices;
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * 0x2545F4914F6CDD1DULL) >> 32) % limit;
}

static void random_schedules_go_as_the_model_says(void **state)
{
    static uint64_t random_state;
    (void)state;
    schedule.below = random_below;
    schedule.choices = &random_state;
    for (seed = 1; seed <= SEEDS; seed++) {
        random_state = seed * 0x9E3779B97F4A7C15ULL;
        schedule.cancel_one_in = seed % 2 == 0 ? 10 : UINT32_MAX;
        schedule_run(&schedule);
    }
}

static int print_what_failed(void **state)
{
    (void)state;
    for (uint32_t t = 0; seed <= SEEDS && t < schedule.started; t++)
        print_error("seed %d, tree %u: %s\n", (int)seed, t, schedule.scripts[t]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(random_schedules_go_as_the_model_says, print_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
