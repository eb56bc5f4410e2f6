#include "text/put.h"
#include "views/json_pieces.h"
#include "views/states.h"
#include "views/view.h"

/*
 * A run as it goes on, a JSON object a line (application/x-ndjson): first what was asked for, then
 * what happens when it happens, and in the end how it came out. For programs that draw while a run
 * lasts, such as the page, and for `curl -N ... | jq`.
 */

static char *put_head(char *at, const struct timeline *timeline, uint32_t item)
{
    static const char *const sleeps[SLEEP_MODES] = {"awaited", "blocking", "forgotten"};
    const struct plan *plan = &timeline->plan;
    (void)item;
    at = put_text(put_text(at, "\""), plan->endpoint->name);
    at = put_text(put_text(at, "\", \"sleep\": \""), sleeps[plan->sleep]);
    at = put_number(put_text(at, "\", \"count\": "), plan_numbered_tasks(plan));
    return put_text(at, ", \"outcome\": \"running\"");
}

static bool has_plan(const struct timeline *timeline)
{
    return timeline->plan.tree != NULL;
}

static char *put_group(char *at, const struct timeline *timeline, uint32_t item)
{
    return json_put_group(item == 0 ? at : put_text(at, ", "), timeline, item);
}

static char *put_range(char *at, const struct timeline *timeline, uint32_t item)
{
    return json_put_range(item == 0 ? at : put_text(at, ", "), timeline, item);
}

static char *put_entry(char *at, const struct timeline *timeline, uint32_t item)
{
    return put_text(json_put_entry(at, timeline, item), "\n");
}

static char *put_end(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)item;
    at = json_put_outcome(put_text(at, "{"), timeline);
    at = put_seconds(put_text(at, ", \"elapsed_seconds\": "), timeline->elapsed_ns, 9);
    if (timeline->plan.sleep == SLEEP_BLOCKING)
        at = put_seconds(put_text(at, ", \"loop_blocked_seconds\": "), timeline->blocked_ns, 9);
    return put_text(at, "}\n");
}

static const struct part parts[] = {
    {.is_known = true, .open = LITERAL("{\"endpoint\": "), .put = put_head},
    {.is_known = true,
     .is_there = has_plan,
     .open = LITERAL(", \"plan\": \""),
     .close = LITERAL("\""),
     .count = json_plan_pieces,
     .put = json_put_plan},
    {.is_known = true,
     .open = LITERAL(", \"groups\": ["),
     .close = LITERAL("]"),
     .count = shape_groups,
     .put = put_group},
    {.is_known = true,
     .open = LITERAL(", \"tasks\": ["),
     .close = LITERAL("]}\n"),
     .count = shape_ranges,
     .put = put_range},
    {.count = timeline_entries, .put = put_entry},
    {.put = put_end},
};

const struct view ndjson_view = {
    .name = "ndjson",
    .media_type = "application/x-ndjson",
    .content_type = "application/x-ndjson",
    .needs_states = true,
    .live = true,
    .parts = parts,
    .part_count = sizeof parts / sizeof *parts,
};
