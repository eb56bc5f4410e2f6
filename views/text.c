#include "text/put.h"
#include "views/view.h"

/* Shows what the article's program prints, line by line, and then the warnings and the time. */

static char *put_line(char *at, const struct timeline *timeline, uint32_t item)
{
    const struct text *word = timeline_word(timeline, item);
    if (timeline->stamps != NULL) {
        const struct stamp *stamp = &timeline->stamps[item];
        at = put_seconds(at, stamp->at_ns, 6);
        at = put_text(at, " s  task ");
        at = put_number(at, stamp->task);
        at = put_text(at, "  ");
    }
    at = put_bytes(at, word->bytes, word->length);
    *at++ = '\n';
    return at;
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

static const struct part parts[] = {
    {.count = timeline_said, .put = put_line},
    {.count = timeline_warnings, .put = put_warning},
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
