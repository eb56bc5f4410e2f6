#include "handlers/plan.h"

static int64_t delay_ns(const struct plan *plan, uint32_t task)
{
    return plan->delays_ns[plan->delay_count == 1 ? 0 : task];
}

int64_t plan_duration_ns(const struct plan *plan)
{
    int64_t sum_ns = 0;
    int64_t longest_ns = 0;
    for (uint32_t task = 0; task < plan->count; task++) {
        int64_t one_ns = delay_ns(plan, task);
        sum_ns = one_ns > INT64_MAX - sum_ns ? INT64_MAX : sum_ns + one_ns;
        longest_ns = one_ns > longest_ns ? one_ns : longest_ns;
    }
    if (plan->sleep == SLEEP_FORGOTTEN)
        return 0;
    bool in_turn = plan->endpoint->one_by_one || plan->sleep == SLEEP_BLOCKING;
    return in_turn ? sum_ns : longest_ns;
}
