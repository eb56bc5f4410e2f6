#include "text/put.h"
#include "views/view.h"

/* What the article's program prints, line by line; then what a Python shell would add. */
enum part {
    LINES,
    WARNINGS,
    ELAPSED,
};

static char *put_line(char *at, const struct run *run, uint32_t item)
{
    const struct stamp *stamp = run_stamp(run, item);
    if (stamp != NULL) {
        at = put_seconds(at, stamp->at_ns, 6);
        at = put_text(at, " s  task ");
        at = put_number(at, stamp->task);
        at = put_text(at, "  ");
    }
    at = put_text(at, run_word(run, item));
    *at++ = '\n';
    return at;
}

static char *put_warning(char *at, const struct run *run, uint32_t item)
{
    at = put_text(at, "warning: task ");
    at = put_number(at, run->never_awaited[item]);
    return put_text(at, ": sleep was never awaited\n");
}

static char *put_elapsed(char *at, const struct run *run)
{
    if (run->plan.sleep == SLEEP_BLOCKING) {
        at = put_text(at, "loop blocked: ");
        at = put_seconds(at, run->blocked_ns, 3);
        at = put_text(at, " s\n");
    }
    at = put_text(at, "elapsed: ");
    at = put_seconds(at, run_elapsed_ns(run), 3);
    return put_text(at, " s\n");
}

static uint32_t items_of(const struct run *run, enum part part)
{
    switch (part) {
    case LINES:
        return run_said(run);
    case WARNINGS:
        return run->never_awaited_count;
    case ELAPSED:
        break;
    }
    return 1;
}

static char *put_item(char *at, const struct run *run, enum part part, uint32_t item)
{
    switch (part) {
    case LINES:
        return put_line(at, run, item);
    case WARNINGS:
        return put_warning(at, run, item);
    case ELAPSED:
        return put_elapsed(at, run);
    }
    return at;
}

static size_t write_text(const struct run *run, bool done, struct view_cursor *cursor, char *buffer,
                         size_t size)
{
    char *at = buffer;
    const char *last = buffer + size - VIEW_ITEM_BYTES;
    while (cursor->part != VIEW_END && at <= last) {
        enum part part = (enum part)cursor->part;
        if (cursor->item < items_of(run, part)) {
            at = put_item(at, run, part, cursor->item++);
            continue;
        }
        if (!done)
            break;
        cursor->part = part == ELAPSED ? VIEW_END : part + 1;
        cursor->item = 0;
    }
    return (size_t)(at - buffer);
}

const struct view text_view = {
    .name = "text",
    .media_type = "text/plain",
    .content_type = "text/plain; charset=utf-8",
    .live = true,
    .write = write_text,
};
