#include "views/view.h"

#include "text/put.h"

/* A text that is left out is NULL, which memcpy() must not get even for no bytes (C11, 7.24.1). */
static char *put_if_any(char *at, const struct text *text)
{
    return text->length == 0 ? at : put_bytes(at, text->bytes, text->length);
}

static uint32_t items_of(const struct part *part, const struct timeline *timeline)
{
    return part->count != NULL ? part->count(timeline) : part->put != NULL;
}

size_t view_write(const struct view *view, const struct timeline *timeline, bool done,
                  struct view_cursor *cursor, char *buffer, size_t size)
{
    char *at = buffer;
    const char *last = buffer + size - VIEW_ITEM_BYTES;
    if (!done && !view->live)
        return 0;
    while (cursor->part != VIEW_END) {
        const struct part *part = &view->parts[cursor->part];
        uint32_t next = cursor->part + 1;
        if (part->is_there == NULL || part->is_there(timeline)) {
            if (!cursor->is_open && at <= last) {
                at = put_if_any(at, &part->open);
                cursor->is_open = true;
            }
            uint32_t count = items_of(part, timeline);
            if (part->put_many != NULL)
                at = part->put_many(at, last, timeline, count, &cursor->item);
            for (; cursor->item < count && at <= last; cursor->item++)
                at = part->put(at, timeline, cursor->item);
            if (cursor->item < count || at > last || (!done && !part->is_known))
                break;
            at = put_if_any(at, &part->close);
        } else {
            next += part->leads;
        }
        *cursor = (struct view_cursor){.part = next == view->part_count ? VIEW_END : next};
    }
    return (size_t)(at - buffer);
}

size_t view_length(const struct view *view, const struct timeline *timeline)
{
    char item[VIEW_ITEM_BYTES];
    size_t length = 0;
    for (const struct part *part = view->parts; part < view->parts + view->part_count; part++) {
        if (part->is_there != NULL && !part->is_there(timeline)) {
            part += part->leads;
            continue;
        }
        length += part->open.length + part->close.length;
        if (part->length != NULL) {
            length += part->length(timeline);
            continue;
        }
        uint32_t count = items_of(part, timeline);
        for (uint32_t i = 0; i < count; i++)
            length += (size_t)(part->put(item, timeline, i) - item);
    }
    return length;
}
