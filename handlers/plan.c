#include "handlers/plan.h"

#include <string.h>

uint32_t plan_numbered_tasks(const struct plan *plan)
{
    return plan->tree != NULL ? plan->tree->nodes[0].tasks : plan->count;
}

int64_t plan_delay_ns(const struct plan *plan, uint32_t task)
{
    if (plan->tree != NULL)
        return plan->tree->nodes[tree_leaf(plan->tree, task)].number;
    return plan->delays_ns[plan->delay_count == 1 ? 0 : task - 1];
}

int64_t plan_duration_ns(const struct plan *plan)
{
    if (plan->tree != NULL)
        return plan->tree->nodes[0].longest_ns;
    int64_t longest_ns = 0;
    int64_t sum_ns = 0;
    for (uint32_t i = 0; i < plan->delay_count; i++) {
        int64_t delay_ns = plan->delays_ns[i];
        longest_ns = delay_ns > longest_ns ? delay_ns : longest_ns;
        sum_ns = delay_ns > INT64_MAX - sum_ns ? INT64_MAX : sum_ns + delay_ns;
    }
    if (plan->sleep == SLEEP_FORGOTTEN)
        return 0;
    if (plan->sleep == SLEEP_AWAITED && !plan->endpoint->one_by_one)
        return longest_ns;
    uint32_t times = plan->delay_count == 1 ? plan->count : 1;
    return sum_ns > INT64_MAX / times ? INT64_MAX : sum_ns * times;
}

uint32_t plan_tasks(const struct plan *plan)
{
    if (plan->tree != NULL)
        return plan->tree->nodes[0].in_flight;
    return plan->endpoint->one_by_one || plan->sleep == SLEEP_BLOCKING ? 1 : plan->count;
}

/* The tree, its nodes, and its text up to where the next may begin. */
static size_t tree_bytes(const struct tree *tree)
{
    if (tree == NULL)
        return 0;
    size_t text_bytes = (tree->text_bytes + sizeof(int64_t) - 1) & ~(sizeof(int64_t) - 1);
    return sizeof *tree + tree->node_count * sizeof *tree->nodes + text_bytes;
}

size_t plan_rest_bytes(const struct plan *plan)
{
    return plan->delay_count * sizeof *plan->delays_ns + tree_bytes(plan->tree);
}

static const struct tree *copy_tree(const struct tree *tree, void *memory)
{
    struct tree *copy = memory;
    *copy = *tree;
    copy->nodes = memcpy(copy + 1, tree->nodes, tree->node_count * sizeof *tree->nodes);
    copy->text = memcpy(copy->nodes + tree->node_count, tree->text, tree->text_bytes);
    return copy;
}

void plan_copy(struct plan *copy, void *memory, const struct plan *plan)
{
    size_t delays_bytes = plan->delay_count * sizeof *plan->delays_ns;
    *copy = *plan;
    copy->delays_ns = memcpy(memory, plan->delays_ns, delays_bytes);
    if (plan->tree != NULL)
        copy->tree = copy_tree(plan->tree, (char *)memory + delays_bytes);
}

void plan_moved(struct plan *copy, void *memory)
{
    copy->delays_ns = memory;
    if (copy->tree == NULL)
        return;
    struct tree *tree = (void *)((char *)memory + copy->delay_count * sizeof *copy->delays_ns);
    tree->nodes = (void *)(tree + 1);
    tree->text = (char *)(tree->nodes + tree->node_count);
    copy->tree = tree;
}
