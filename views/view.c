#include "views/view.h"

#include "text/put.h"

/* A text that is left out is NULL, which memcpy() must not get even for no bytes (C11, 7.24.1). */
static char *put_if_any(char *at, const struct text *text)
{
    return text->length == 0 ? at : put_bytes(at, text->bytes, text->length);
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
        if (part->is_there == NULL || part->is_there(timeline)) {
            if (!cursor->is_open && at <= last) {
                at = put_if_any(at, &part->open);
                cursor->is_open = true;
            }
            uint32_t count = part->count != NULL ? part->count(timeline) : part->put != NULL;
            if (part->put_many != NULL)
                at = part->put_many(at, last, timeline, count, &cursor->item);
            for (; cursor->item < count && at <= last; cursor->item++)
                at = part->put(at, timeline, cursor->item);
            if (cursor->item < count || at > last || !done)
                break;
            at = put_if_any(at, &part->close);
        }
        bool is_last = cursor->part + 1 == view->part_count;
        *cursor = (struct view_cursor){.part = is_last ? VIEW_END : cursor->part + 1};
    }
    return (size_t)(at - buffer);
}
