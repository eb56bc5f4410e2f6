#include "text/put.h"
#include "views/json_pieces.h"
#include "views/states.h"
#include "views/view.h"

/*
 * JSON is written by hand here (decision 8). jansson would build a tree of the whole answer first,
 * which for a million tasks is most of the time and the memory. tests/unit/json_view_test.c
 * compares the two.
 */

static char *put_separator(char *at, uint32_t item)
{
    return item == 0 ? at : put_bytes(at, ", ", 2);
}

static char *put_name(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)item;
    *at++ = '"';
    at = put_text(at, timeline->plan.endpoint->name);
    *at++ = '"';
    return at;
}

/* A run says few different words, many times, so each is quoted only once for a piece. */
static char *put_words(char *at, const char *last, const struct timeline *timeline, uint32_t count,
                       uint32_t *item)
{
    struct {
        char text[2 + 6 * TIMELINE_WORD_BYTES];
        size_t length;
    } quoted[TIMELINE_WORDS];
    for (size_t i = 0; i < TIMELINE_WORDS && timeline->words[i].bytes != NULL; i++)
        quoted[i].length =
            (size_t)(json_put_quoted(quoted[i].text, &timeline->words[i]) - quoted[i].text);
    for (; *item < count && at <= last; (*item)++) {
        uint8_t word = timeline->said_words[*item];
        at = put_separator(at, *item);
        at = put_bytes(at, quoted[word].text, quoted[word].length);
    }
    return at;
}

/* Of all words, quoted, with what separates them. */
static size_t words_length(const struct timeline *timeline)
{
    char text[2 + 6 * TIMELINE_WORD_BYTES];
    size_t lengths[TIMELINE_WORDS] = {0};
    uint32_t count = timeline_said(timeline);
    size_t all = count == 0 ? 0 : 2 * ((size_t)count - 1);
    for (size_t i = 0; i < TIMELINE_WORDS && timeline->words[i].bytes != NULL; i++)
        lengths[i] = (size_t)(json_put_quoted(text, &timeline->words[i]) - text);
    for (uint32_t i = 0; i < count; i++)
        all += lengths[timeline->said_words[i]];
    return all;
}

/* ---- a plan ---------------------------------------------------------------------------------- */

static bool has_plan(const struct timeline *timeline)
{
    return timeline->plan.tree != NULL;
}

static size_t plan_length(const struct timeline *timeline)
{
    return timeline->plan.tree->text_bytes;
}

/* All nine decimals, so that a test can see that no sleep ends early, not by a nanosecond
   (decision 7). */
static char *put_elapsed(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)item;
    if (timeline->plan.tree != NULL)
        at = json_put_outcome(put_text(at, ", "), timeline);
    at = put_text(at, ", \"elapsed_seconds\": ");
    at = put_seconds(at, timeline->elapsed_ns, 9);
    if (timeline->plan.sleep == SLEEP_BLOCKING) {
        at = put_text(at, ", \"loop_blocked_seconds\": ");
        at = put_seconds(at, timeline->blocked_ns, 9);
    }
    return at;
}

/* ---- what happened --------------------------------------------------------------------------- */

static bool has_entries(const struct timeline *timeline)
{
    return timeline->plan.timeline;
}

static bool has_states(const struct timeline *timeline)
{
    return timeline->plan.states;
}

static char *put_entry(char *at, const struct timeline *timeline, uint32_t item)
{
    return json_put_entry(put_separator(at, item), timeline, item);
}

static size_t states_length(const struct timeline *timeline)
{
    char text[VIEW_ITEM_BYTES];
    size_t all = 0;
    for (uint32_t i = 0; i < timeline_entries(timeline); i++)
        all += (size_t)(put_entry(text, timeline, i) - text);
    return all;
}

static size_t entries_length(const struct timeline *timeline)
{
    static const char fixed[] = "{\"at_seconds\": .123456789, \"task\": , \"says\": }";
    uint32_t count = timeline_said(timeline);
    size_t all = words_length(timeline) + count * (sizeof fixed - 1);
    if (timeline->plan.states)
        return states_length(timeline);
    for (uint32_t i = 0; i < count; i++)
        all +=
            seconds_digits(timeline->entries[i].at_ns) + number_digits(timeline->entries[i].task);
    return all;
}

static char *put_group(char *at, const struct timeline *timeline, uint32_t item)
{
    return json_put_group(put_separator(at, item), timeline, item);
}

static char *put_range(char *at, const struct timeline *timeline, uint32_t item)
{
    return json_put_range(put_separator(at, item), timeline, item);
}

static bool may_warn(const struct timeline *timeline)
{
    return timeline->plan.sleep == SLEEP_FORGOTTEN;
}

static char *put_warning(char *at, const struct timeline *timeline, uint32_t item)
{
    at = put_separator(at, item);
    at = put_text(at, "\"task ");
    at = put_number(at, timeline->never_awaited[item]);
    return put_text(at, ": sleep was never awaited\"");
}

static const struct part parts[] = {
    {.open = LITERAL("{\"endpoint\": "), .put = put_name},
    {.is_there = has_plan,
     .open = LITERAL(", \"plan\": \""),
     .close = LITERAL("\""),
     .count = json_plan_pieces,
     .put = json_put_plan,
     .length = plan_length},
    {.open = LITERAL(", \"output\": ["),
     .close = LITERAL("]"),
     .count = timeline_said,
     .put_many = put_words,
     .length = words_length},
    {.put = put_elapsed},
    {.is_there = has_entries,
     .leads = 2,
     .open = LITERAL(", \"timeline\": ["),
     .close = LITERAL("]"),
     .count = timeline_entries,
     .put = put_entry,
     .length = entries_length},
    {.is_there = has_states,
     .open = LITERAL(", \"groups\": ["),
     .close = LITERAL("]"),
     .count = shape_groups,
     .put = put_group},
    {.is_there = has_states,
     .open = LITERAL(", \"tasks\": ["),
     .close = LITERAL("]"),
     .count = shape_ranges,
     .put = put_range},
    {.is_there = may_warn,
     .open = LITERAL(", \"warnings\": ["),
     .close = LITERAL("]"),
     .count = timeline_warnings,
     .put = put_warning},
    {.open = LITERAL("}\n")},
};

const struct view json_view = {
    .name = "json",
    .media_type = "application/json",
    .content_type = "application/json",
    .parts = parts,
    .part_count = sizeof parts / sizeof *parts,
};
