#include "text/put.h"
#include "views/spans.h"
#include "views/states.h"
#include "views/view.h"

/*
 * A run as trace events, for Perfetto (ui.perfetto.dev) and chrome://tracing: each task is a
 * thread, each state a slice, each word an instant. The format is the "Trace Event Format" of
 * Chromium.
 */

static char *put_names(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)timeline;
    if (item > 0)
        at = put_text(at, ",\n");
    at = put_number(
        put_text(at, "{\"ph\": \"M\", \"name\": \"thread_name\", \"pid\": 1, \"tid\": "), item + 1);
    at = put_number(put_text(at, ", \"args\": {\"name\": \"task "), item + 1);
    return put_text(at, "\"}}");
}

static uint32_t tasks(const struct timeline *timeline)
{
    return plan_numbered_tasks(&timeline->plan);
}

/* Microseconds with three decimals. */
static char *put_micros(char *at, int64_t duration_ns)
{
    at = put_number(at, (uint64_t)duration_ns / 1000);
    uint64_t rest = (uint64_t)duration_ns % 1000;
    *at++ = '.';
    *at++ = (char)('0' + rest / 100);
    *at++ = (char)('0' + rest / 10 % 10);
    *at++ = (char)('0' + rest % 10);
    return at;
}

static bool lasts(enum task_state state)
{
    return state == TASK_WAITING || state == TASK_BLOCKING || state == TASK_READY;
}

static char *put_event(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct entry *entry = &timeline->entries[item];
    bool is_state = entry_is_state(entry);
    bool is_slice = is_state && lasts(entry_state(entry));
    at = put_text(at, ",\n{\"name\": \"");
    at = is_state ? put_text(at, state_name(entry))
                  : put_bytes(at, timeline->words[entry->what].bytes,
                              timeline->words[entry->what].length);
    at = put_text(at, is_slice ? "\", \"ph\": \"X\", \"ts\": "
                               : "\", \"ph\": \"i\", \"s\": \"t\", \"ts\": ");
    at = put_micros(at, entry->at_ns);
    if (is_slice)
        at = put_micros(put_text(at, ", \"dur\": "), span_end_ns(timeline, item) - entry->at_ns);
    at = put_number(put_text(at, ", \"pid\": 1, \"tid\": "), entry->task);
    if (is_state && entry_state(entry) == TASK_CANCELLED)
        at = put_text(put_text(put_text(at, ", \"args\": {\"reason\": \""), reason_name(entry)),
                      "\"}");
    return put_text(at, "}");
}

static const struct part parts[] = {
    {.open = LITERAL("{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n"),
     .count = tasks,
     .put = put_names},
    {.close = LITERAL("\n]}\n"), .count = timeline_entries, .put = put_event},
};

const struct view trace_view = {
    .name = "trace",
    .media_type = "application/x-trace-events+json",
    .content_type = "application/x-trace-events+json",
    .needs_states = true,
    .parts = parts,
    .part_count = sizeof parts / sizeof *parts,
};
