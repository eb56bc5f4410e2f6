#include "text/put.h"
#include "views/view.h"

/*
 * Written by hand and not by jansson, which would build a tree of the whole answer first: for a
 * million tasks that is most of the time and the memory. tests/unit/json_view_test.c holds this
 * against jansson.
 */
enum part {
    HEAD,
    OUTPUT,
    ELAPSED,
    TIMELINE,
    WARNINGS,
    TAIL,
};

static char *put_separator(char *at, uint32_t item)
{
    return item == 0 ? at : put_bytes(at, ", ", 2);
}

static char *put_quoted(char *at, const char *word)
{
    *at++ = '"';
    at = put_json_escaped(at, word, strlen(word));
    *at++ = '"';
    return at;
}

/* A run says few different words, many times: each is quoted once for a piece. */
struct quoted {
    char text[VIEW_ITEM_BYTES];
    size_t length;
};

static void quote_words(const struct run *run, struct quoted quoted[RUN_WORDS])
{
    for (size_t i = 0; i < RUN_WORDS && run->words[i] != NULL; i++) {
        char *end = put_quoted(quoted[i].text, run->words[i]);
        quoted[i].length = (size_t)(end - quoted[i].text);
    }
}

static char *put_output(char *at, const char *last, const struct run *run, uint32_t *item)
{
    struct quoted quoted[RUN_WORDS];
    uint32_t said = run_said(run);
    quote_words(run, quoted);
    for (; *item < said && at <= last; (*item)++) {
        const struct quoted *word = &quoted[run->said_words[*item]];
        at = put_separator(at, *item);
        at = put_bytes(at, word->text, word->length);
    }
    return at;
}

static char *put_head(char *at, const struct run *run)
{
    at = put_text(at, "{\"endpoint\": ");
    at = put_quoted(at, run->plan.endpoint->name);
    return put_text(at, ", \"output\": [");
}

static char *put_elapsed(char *at, const struct run *run)
{
    at = put_text(at, "], \"elapsed_seconds\": ");
    at = put_seconds(at, run_elapsed_ns(run), 9);
    if (run->plan.sleep == SLEEP_BLOCKING) {
        at = put_text(at, ", \"loop_blocked_seconds\": ");
        at = put_seconds(at, run->blocked_ns, 9);
    }
    if (run->plan.timeline)
        at = put_text(at, ", \"timeline\": [");
    return at;
}

static char *put_stamp(char *at, const struct run *run, uint32_t item)
{
    const struct stamp *stamp = run_stamp(run, item);
    at = put_text(at, "{\"at_seconds\": ");
    at = put_seconds(at, stamp->at_ns, 9);
    at = put_text(at, ", \"task\": ");
    at = put_number(at, stamp->task);
    at = put_text(at, ", \"says\": ");
    at = put_quoted(at, run_word(run, item));
    *at++ = '}';
    return at;
}

static char *put_warning(char *at, const struct run *run, uint32_t item)
{
    at = put_text(at, "\"task ");
    at = put_number(at, run->never_awaited[item]);
    return put_text(at, ": sleep was never awaited\"");
}

static uint32_t items_of(const struct run *run, enum part part)
{
    switch (part) {
    case OUTPUT:
        return run_said(run);
    case TIMELINE:
        return run->plan.timeline ? run_said(run) : 0;
    case WARNINGS:
        return run->never_awaited_count;
    case HEAD:
    case ELAPSED:
    case TAIL:
        break;
    }
    return 1;
}

static char *put_item(char *at, const struct run *run, enum part part, uint32_t item)
{
    switch (part) {
    case HEAD:
        return put_head(at, run);
    case ELAPSED:
        return put_elapsed(at, run);
    case TIMELINE:
        return put_stamp(put_separator(at, item), run, item);
    case WARNINGS:
        return put_warning(put_separator(at, item), run, item);
    case TAIL:
        return put_text(at, "}\n");
    case OUTPUT:
        break;
    }
    return at;
}

static char *put_items(char *at, const char *last, const struct run *run, enum part part,
                       uint32_t items, uint32_t *item)
{
    if (part == OUTPUT)
        return put_output(at, last, run, item);
    for (; *item < items && at <= last; (*item)++)
        at = put_item(at, run, part, *item);
    return at;
}

/* The brackets of the optional lists, where the part before or after them knows of them. */
static char *put_between(char *at, const struct run *run, enum part finished)
{
    bool warns = run->plan.sleep == SLEEP_FORGOTTEN;
    if (finished == TIMELINE) {
        at = run->plan.timeline ? put_text(at, "]") : at;
        return warns ? put_text(at, ", \"warnings\": [") : at;
    }
    return finished == WARNINGS && warns ? put_text(at, "]") : at;
}

static size_t write_json(const struct run *run, bool done, struct view_cursor *cursor, char *buffer,
                         size_t size)
{
    char *at = buffer;
    const char *last = buffer + size - VIEW_ITEM_BYTES;
    while (done && cursor->part != VIEW_END && at <= last) {
        enum part part = (enum part)cursor->part;
        uint32_t items = items_of(run, part);
        at = put_items(at, last, run, part, items, &cursor->item);
        if (cursor->item < items)
            break;
        at = put_between(at, run, part);
        cursor->part = part == TAIL ? VIEW_END : part + 1;
        cursor->item = 0;
    }
    return (size_t)(at - buffer);
}

const struct view json_view = {
    .name = "json",
    .media_type = "application/json",
    .content_type = "application/json",
    .write = write_json,
};
