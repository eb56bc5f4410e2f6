#include "handlers/plan.h"

static int64_t longest_ns(const struct plan *plan)
{
    int64_t longest = 0;
    for (uint32_t i = 0; i < plan->delay_count; i++)
        longest = plan->delays_ns[i] > longest ? plan->delays_ns[i] : longest;
    return longest;
}

static int64_t sum_ns(const struct plan *plan)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < plan->delay_count; i++)
        sum = plan->delays_ns[i] > INT64_MAX - sum ? INT64_MAX : sum + plan->delays_ns[i];
    return sum;
}

static int64_t times(int64_t delay_ns, uint32_t count)
{
    return count > 0 && delay_ns > INT64_MAX / count ? INT64_MAX : delay_ns * count;
}

int64_t plan_duration_ns(const struct plan *plan)
{
    bool in_turn = plan->endpoint->one_by_one || plan->sleep == SLEEP_BLOCKING;
    if (plan->sleep == SLEEP_FORGOTTEN)
        return 0;
    if (!in_turn)
        return longest_ns(plan);
    return plan->delay_count == 1 ? times(plan->delays_ns[0], plan->count) : sum_ns(plan);
}
