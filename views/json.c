#include "text/put.h"
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

static char *put_quoted(char *at, const struct text *word)
{
    *at++ = '"';
    at = put_json_escaped(at, word->bytes, word->length);
    *at++ = '"';
    return at;
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
            (size_t)(put_quoted(quoted[i].text, &timeline->words[i]) - quoted[i].text);
    for (; *item < count && at <= last; (*item)++) {
        uint8_t word = timeline->said_words[*item];
        at = put_separator(at, *item);
        at = put_bytes(at, quoted[word].text, quoted[word].length);
    }
    return at;
}

/* All nine decimals, so that a test can see that no sleep ends early, not by a nanosecond
   (decision 7). */
static char *put_elapsed(char *at, const struct timeline *timeline, uint32_t item)
{
    (void)item;
    at = put_text(at, ", \"elapsed_seconds\": ");
    at = put_seconds(at, timeline->elapsed_ns, 9);
    if (timeline->plan.sleep == SLEEP_BLOCKING) {
        at = put_text(at, ", \"loop_blocked_seconds\": ");
        at = put_seconds(at, timeline->blocked_ns, 9);
    }
    return at;
}

static bool has_stamps(const struct timeline *timeline)
{
    return timeline->plan.timeline;
}

_Static_assert(70 + 6 * TIMELINE_WORD_BYTES <= VIEW_ITEM_BYTES, "a stamp is the longest item");

static char *put_stamp(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct stamp *stamp = &timeline->stamps[item];
    at = put_separator(at, item);
    at = put_text(at, "{\"at_seconds\": ");
    at = put_seconds(at, stamp->at_ns, 9);
    at = put_text(at, ", \"task\": ");
    at = put_number(at, stamp->task);
    at = put_text(at, ", \"says\": ");
    at = put_quoted(at, timeline_word(timeline, item));
    *at++ = '}';
    return at;
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
    {.open = LITERAL(", \"output\": ["),
     .close = LITERAL("]"),
     .count = timeline_said,
     .put_many = put_words},
    {.put = put_elapsed},
    {.is_there = has_stamps,
     .open = LITERAL(", \"timeline\": ["),
     .close = LITERAL("]"),
     .count = timeline_said,
     .put = put_stamp},
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
