/*
 * An await schedule that the fuzzer chooses, against the model (tests/support/model.h): its bytes
 * are the trees, when each starts, what is cancelled when, and how the clock goes on. Where they
 * end, a fixed row of numbers brings the schedule to its end.
 */
#include "tests/fuzz/fuzz.h"

#define assert_true(holds)         FUZZ_CHECK(holds, "the schedule")
#define assert_int_equal(one, two) FUZZ_CHECK((one) == (two), "the schedule")
#define assert_ptr_equal(one, two) FUZZ_CHECK((one) == (two), "the schedule")

#include "tests/support/schedule.h"

struct choices {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t after; /* where the bytes have ended */
};

/* Knuth's MMIX generator */
static uint32_t number_after(struct choices *choices)
{
    choices->after = choices->after * 6364136223846793005ULL + 1442695040888963407ULL;
    return (uint32_t)(choices->after >> 33);
}

static uint32_t chosen_below(struct schedule *schedule, uint32_t limit)
{
    struct choices *choices = schedule->choices;
    if (choices->at == choices->end)
        return number_after(choices) % limit;
    uint32_t number = *choices->at++;
    if (limit > 256 && choices->at < choices->end)
        number = number << 16 | (uint32_t)*choices->at++ << 8;
    return number % limit;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct schedule schedule;
    if (size == 0 || size > 4096)
        return 0;
    struct choices choices = {.at = bytes + 1, .end = bytes + size, .after = size};
    schedule.below = chosen_below;
    schedule.choices = &choices;
    schedule.cancel_one_in = bytes[0] > 0 ? bytes[0] : UINT32_MAX;
    schedule_run(&schedule);
    return 0;
}
