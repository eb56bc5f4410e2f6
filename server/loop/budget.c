#include "server/loop/budget.h"

static int64_t budget_most(const struct config *config, enum budget_item item)
{
    return item == BUDGET_TASKS ? config->max_tasks : config->max_held_bytes;
}

static bool take(struct connection *connection, enum budget_item item, int64_t amount, int shares)
{
    struct shared *shared = connection->loop->shared;
    int64_t most = budget_most(shared->config, item);
    bool is_one_of_many = connection->streams > 1;
    if (is_one_of_many && connection->taken[item] + amount > shares * BUDGET_SHARE(most))
        return false;
    if (atomic_fetch_add(&shared->taken[item], amount) + amount > most) {
        budget_give_rest(shared, item, amount);
        return false;
    }
    connection->taken[item] += amount;
    return true;
}

bool budget_take(struct connection *connection, enum budget_item item, int64_t amount)
{
    return take(connection, item, amount, 1);
}

bool budget_take_held(struct connection *connection, int64_t bytes, int shares)
{
    return take(connection, BUDGET_HELD, bytes, shares);
}

void budget_give(struct connection *connection, enum budget_item item, int64_t amount)
{
    budget_leave(connection, item, amount);
    budget_give_rest(connection->loop->shared, item, amount);
}

void budget_leave(struct connection *connection, enum budget_item item, int64_t amount)
{
    connection->taken[item] -= amount;
}

void budget_give_rest(struct shared *shared, enum budget_item item, int64_t amount)
{
    (void)atomic_fetch_sub(&shared->taken[item], amount);
}
