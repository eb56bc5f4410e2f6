#include "views/states.h"

#include "text/put.h"

const char *state_name(const struct entry *entry)
{
    static const char *const names[TASK_STATES] = {
        [TASK_READY] = "ready",         [TASK_WAITING] = "waiting", [TASK_BLOCKING] = "blocking",
        [TASK_FORGOTTEN] = "forgotten", [TASK_DONE] = "done",       [TASK_FAILED] = "failed",
        [TASK_CANCELLED] = "cancelled",
    };
    return names[entry_state(entry)];
}

const char *reason_name(const struct entry *entry)
{
    static const char *const names[REASONS] = {
        [REASON_ASKED_TO] = "asked_to",   [REASON_ABANDONED] = "abandoned",
        [REASON_LOST_RACE] = "lost_race", [REASON_SIBLING_FAILED] = "sibling_failed",
        [REASON_TIMEOUT] = "timeout",     [REASON_CLIENT_LEFT] = "client_left",
        [REASON_DRAINED] = "drained",
    };
    return names[entry->reason];
}

uint32_t shape_groups(const struct timeline *timeline)
{
    const struct plan *plan = &timeline->plan;
    return plan->tree != NULL ? plan->tree->nodes[0].groups : plan->endpoint->takes_count;
}

struct shape_group shape_group(const struct timeline *timeline, uint32_t n)
{
    const struct plan *plan = &timeline->plan;
    struct shape_group group = {.number = n + 1, .kind = plan->endpoint->name};
    if (plan->tree == NULL)
        return group;
    struct tree_place place = tree_group(plan->tree, n + 1);
    group.parent = place.parent_group;
    group.kind = word_shapes[plan->tree->nodes[place.at].word].name;
    return group;
}

uint32_t shape_ranges(const struct timeline *timeline)
{
    const struct plan *plan = &timeline->plan;
    if (plan->tree != NULL)
        return plan->tree->nodes[0].ranges;
    return plan->delay_count;
}

struct shape_range shape_range(const struct timeline *timeline, uint32_t n)
{
    const struct plan *plan = &timeline->plan;
    if (plan->tree != NULL) {
        struct tree_place place = tree_range(plan->tree, n);
        const struct tree_node *leaf = &plan->tree->nodes[place.at];
        return (struct shape_range){place.task, place.task + leaf->repeat - 1, place.parent_group,
                                    leaf->number};
    }
    uint32_t first = n + 1;
    uint32_t last = plan->delay_count == 1 ? plan->count : first;
    return (struct shape_range){first, last, plan->endpoint->takes_count, plan->delays_ns[n]};
}

char *put_error(char *at, const struct timeline *timeline)
{
    uint32_t error = timeline->error;
    if (error < ERROR_TIMEOUT)
        return put_text(put_number(put_text(at, "task "), error), " failed");
    int64_t after_ns = timeline->plan.tree->nodes[error - ERROR_TIMEOUT].number;
    return put_text(put_seconds(put_text(at, "timeout after "), after_ns, 3), " s");
}
