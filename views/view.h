/*
 * A view shows a timeline. It is a pull: the server asks for the next bytes whenever it can send
 * some, so a run of a million tasks is shown in small pieces, and a live view shows what has been
 * said so far.
 * Each has a file of its own, which defines its table, NAME_view, and a line in EACH_VIEW.
 *
 * Thread: one at a time for a cursor. While a run goes on in another thread, only a live view may
 * be asked, with `done` false.
 */
#pragma once

#include "handlers/timeline.h"

/* Views write whole items, so a buffer must have room for the longest one. */
#define VIEW_ITEM_BYTES 160

/* How far a view has got; zeroed at the start. */
struct view_cursor {
    uint32_t part; /* VIEW_END when all is written */
    uint32_t item;
    bool is_open; /* what stands before the part's items is written */
};

#define VIEW_END UINT32_MAX

struct part;

struct view {
    const char *name;       /* the value of the `format` parameter */
    const char *media_type; /* what Accept asks for */
    const char *content_type;
    bool live;                /* worth sending before the run is done */
    const struct part *parts; /* what it consists of, one after the other (part.h) */
    uint32_t part_count;
};

/* Every view, by the name of its file, the default first. */
#define EACH_VIEW(DO)                                                                              \
    DO(json)                                                                                       \
    DO(text)

#define VIEW_DECLARE(name) extern const struct view name##_view;
#define VIEW_COUNT(name)   +1

EACH_VIEW(VIEW_DECLARE)

#define VIEWS (0 EACH_VIEW(VIEW_COUNT))

extern const struct view *const views[VIEWS];

/*
 * Writes the next bytes to `buffer` of `size`, at least VIEW_ITEM_BYTES, and returns how many.
 * 0: nothing more yet, or, at VIEW_END, for ever. `done`: the run is, so all can be shown.
 */
size_t view_write(const struct view *view, const struct timeline *timeline, bool done,
                  struct view_cursor *cursor, char *buffer, size_t size);
