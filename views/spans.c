#include "views/spans.h"

#include "views/states.h"

static bool is_of(const struct timeline *timeline, uint32_t item, uint32_t task)
{
    return timeline->entries[item].task <= task && task <= timeline->more[item].last;
}

int64_t span_end_ns(const struct timeline *timeline, uint32_t item)
{
    const struct entry *entry = &timeline->entries[item];
    uint32_t count = timeline_entries(timeline);
    if (plan_numbered_tasks(&timeline->plan) > SPANS_TASKS) {
        int64_t until_ns = entry->at_ns + plan_delay_ns(&timeline->plan, entry->task);
        return until_ns < timeline->elapsed_ns ? until_ns : timeline->elapsed_ns;
    }
    /* What is ready tells so when it goes on: that entry stands late, and is older than those
       before it. */
    for (uint32_t i = item + 1; i < count; i++)
        if (is_of(timeline, i, entry->task) && timeline->entries[i].at_ns >= entry->at_ns)
            return timeline->entries[i].at_ns;
    return timeline->elapsed_ns;
}

int64_t span_begin_ns(const struct timeline *timeline, uint32_t task)
{
    uint32_t count = timeline_entries(timeline);
    for (uint32_t i = 0; i < count; i++)
        if (is_of(timeline, i, task))
            return timeline->entries[i].at_ns;
    return -1;
}
