#include "views/json_pieces.h"

#include "text/put.h"
#include "views/states.h"
#include "views/view.h"

_Static_assert(70 + 6 * TIMELINE_WORD_BYTES <= VIEW_ITEM_BYTES, "a word is the longest item");

char *json_put_quoted(char *at, const struct text *word)
{
    *at++ = '"';
    at = put_json_escaped(at, word->bytes, word->length);
    *at++ = '"';
    return at;
}

char *json_put_outcome(char *at, const struct timeline *timeline)
{
    if (timeline->error == 0)
        return put_text(at, "\"outcome\": \"done\"");
    at = put_text(at, "\"outcome\": \"failed\", \"error\": \"");
    at = put_error(at, timeline);
    return put_text(at, "\"");
}

#define PLAN_PIECE_BYTES 128

uint32_t json_plan_pieces(const struct timeline *timeline)
{
    return (uint32_t)((timeline->plan.tree->text_bytes + PLAN_PIECE_BYTES - 1) / PLAN_PIECE_BYTES);
}

/* It has no sign that JSON would escape. */
char *json_put_plan(char *at, const struct timeline *timeline, uint32_t item)
{
    size_t begin = (size_t)item * PLAN_PIECE_BYTES;
    size_t left = timeline->plan.tree->text_bytes - begin;
    return put_bytes(at, timeline->plan.tree->text + begin,
                     left < PLAN_PIECE_BYTES ? left : PLAN_PIECE_BYTES);
}

/* "task": 3, or "tasks": [3, 5]. */
static char *put_tasks(char *at, uint32_t first, uint32_t last)
{
    if (first == last)
        return put_number(put_text(at, "\"task\": "), first);
    at = put_number(put_text(at, "\"tasks\": ["), first);
    at = put_number(put_text(at, ", "), last);
    return put_text(at, "]");
}

/* How long a state lasts, or who has ended it. */
static char *put_details(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct entry *entry = &timeline->entries[item];
    enum task_state state = entry_state(entry);
    int64_t delay_ns = plan_delay_ns(&timeline->plan, entry->task);
    if (state == TASK_WAITING || state == TASK_BLOCKING) {
        at = put_text(at, ", \"until_seconds\": ");
        at = put_seconds(at, entry->at_ns + delay_ns, 9);
    } else if (state == TASK_FORGOTTEN) {
        at = put_seconds(put_text(at, ", \"delay_seconds\": "), delay_ns, 9);
    } else if (state == TASK_CANCELLED) {
        at = put_text(put_text(at, ", \"reason\": \""), reason_name(entry));
        at = put_text(at, "\"");
        if (timeline->more[item].by > 0)
            at = put_number(put_text(at, ", \"by_group\": "), timeline->more[item].by);
    }
    return at;
}

static char *put_state(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct entry *entry = &timeline->entries[item];
    at = put_text(at, "{\"at_seconds\": ");
    at = put_seconds(at, entry->at_ns, 9);
    at = put_text(at, ", ");
    at = put_tasks(at, entry->task, timeline->more[item].last);
    at = put_text(at, ", \"state\": \"");
    at = put_text(at, state_name(entry));
    at = put_text(at, "\"");
    at = put_details(at, timeline, item);
    return put_text(at, "}");
}

char *json_put_entry(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct entry *entry = &timeline->entries[item];
    if (entry_is_state(entry))
        return put_state(at, timeline, item);
    at = put_text(at, "{\"at_seconds\": ");
    at = put_seconds(at, entry->at_ns, 9);
    at = put_text(at, ", \"task\": ");
    at = put_number(at, entry->task);
    at = put_text(at, ", \"says\": ");
    at = json_put_quoted(at, &timeline->words[entry->what]);
    *at++ = '}';
    return at;
}

char *json_put_group(char *at, const struct timeline *timeline, uint32_t item)
{
    struct shape_group group = shape_group(timeline, item);
    at = put_number(put_text(at, "{\"group\": "), group.number);
    at = put_number(put_text(at, ", \"parent\": "), group.parent);
    at = put_text(put_text(at, ", \"kind\": \""), group.kind);
    return put_text(at, "\"}");
}

char *json_put_range(char *at, const struct timeline *timeline, uint32_t item)
{
    struct shape_range range = shape_range(timeline, item);
    at = put_text(at, "{");
    at = put_tasks(at, range.first, range.last);
    at = put_number(put_text(at, ", \"group\": "), range.group);
    at = put_seconds(put_text(at, ", \"delay_seconds\": "), range.delay_ns, 9);
    return put_text(at, "}");
}
