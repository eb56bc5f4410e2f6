#include "text/put.h"
#include "views/states.h"
#include "views/view.h"

/* Shows what the article's program prints, line by line, and then the warnings and the time. */

static char *put_state(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct entry *entry = &timeline->entries[item];
    enum task_state state = entry_state(entry);
    at = put_text(at, state_name(entry));
    if (state == TASK_WAITING || state == TASK_BLOCKING) {
        int64_t until_ns = entry->at_ns + plan_delay_ns(&timeline->plan, entry->task);
        at = put_text(put_seconds(put_text(at, " until "), until_ns, 6), " s");
    } else if (state == TASK_CANCELLED) {
        at = put_text(put_text(put_text(at, " ("), reason_name(entry)), ")");
    }
    return at;
}

static char *put_entry(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct entry *entry = &timeline->entries[item];
    at = put_text(put_seconds(at, entry->at_ns, 6), " s  task ");
    at = put_number(at, entry->task);
    if (timeline->more != NULL && timeline->more[item].last > entry->task)
        at = put_number(put_text(at, " to "), timeline->more[item].last);
    at = put_text(at, "  ");
    if (entry_is_state(entry))
        return put_state(at, timeline, item);
    const struct text *word = &timeline->words[entry->what];
    return put_bytes(at, word->bytes, word->length);
}

static char *put_entry_line(char *at, const struct timeline *timeline, uint32_t item)
{
    at = put_entry(at, timeline, item);
    *at++ = '\n';
    return at;
}

/* Words alone are most of what is ever shown as text. */
static char *put_lines(char *at, const char *last, const struct timeline *timeline, uint32_t count,
                       uint32_t *item)
{
    for (; timeline->entries != NULL && *item < count && at <= last; (*item)++)
        at = put_entry_line(at, timeline, *item);
    for (; *item < count && at <= last; (*item)++) {
        const struct text *word = timeline_word(timeline, *item);
        at = put_bytes(at, word->bytes, word->length);
        *at++ = '\n';
    }
    return at;
}

static uint32_t lines(const struct timeline *timeline)
{
    return timeline->entries != NULL ? timeline_entries(timeline) : timeline_said(timeline);
}

static size_t states_length(const struct timeline *timeline)
{
    char line[VIEW_ITEM_BYTES];
    size_t all = 0;
    for (uint32_t i = 0; i < timeline_entries(timeline); i++)
        all += (size_t)(put_entry_line(line, timeline, i) - line);
    return all;
}

static size_t lines_length(const struct timeline *timeline)
{
    static const char fixed[] = ".123456 s  task   ";
    uint32_t count = timeline_said(timeline);
    size_t all = count; /* newlines */
    if (timeline->plan.states)
        return states_length(timeline);
    for (uint32_t i = 0; i < count; i++) {
        all += timeline_word(timeline, i)->length;
        if (timeline->entries != NULL)
            all += sizeof fixed - 1 + seconds_digits(timeline->entries[i].at_ns) +
                   number_digits(timeline->entries[i].task);
    }
    return all;
}

static char *put_warning(char *at, const struct timeline *timeline, uint32_t item)
{
    at = put_text(at, "warning: task ");
    at = put_number(at, timeline->never_awaited[item]);
    return put_text(at, ": sleep was never awaited\n");
}

static char *put_elapsed(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)item;
    if (timeline->plan.sleep == SLEEP_BLOCKING) {
        at = put_text(at, "loop blocked: ");
        at = put_seconds(at, timeline->blocked_ns, 3);
        at = put_text(at, " s\n");
    }
    at = put_text(at, "elapsed: ");
    at = put_seconds(at, timeline->elapsed_ns, 3);
    return put_text(at, " s\n");
}

static bool has_failed(const struct timeline *timeline)
{
    return timeline->error != 0;
}

static char *put_failure(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)item;
    return put_text(put_error(put_text(at, "failed: "), timeline), "\n");
}

static const struct part parts[] = {
    {.count = lines, .put_many = put_lines, .length = lines_length},
    {.count = timeline_warnings, .put = put_warning},
    {.is_there = has_failed, .put = put_failure},
    {.put = put_elapsed},
};

const struct view text_view = {
    .name = "text",
    .media_type = "text/plain",
    .content_type = "text/plain; charset=utf-8",
    .live = true,
    .parts = parts,
    .part_count = sizeof parts / sizeof *parts,
};
