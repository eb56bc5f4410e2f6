/*
 * A view shows a run. It is a pull: the server asks for the next bytes whenever it can send some,
 * so a run of a million tasks is shown in small pieces, and a live view shows what has been said so
 * far.
 *
 * Thread: one at a time for a cursor. While a run goes on in another thread, only a live view may
 * be asked, with `done` false.
 */
#pragma once

#include "handlers/run.h"

/* Views write whole items, so a buffer must have room for the longest one. */
#define VIEW_ITEM_BYTES 160

/* How far a view has got; zeroed at the start. */
struct view_cursor {
    uint32_t part; /* the view's own; VIEW_END when all is written */
    uint32_t item;
};

#define VIEW_END UINT32_MAX

struct view {
    const char *name;       /* the value of the `format` parameter */
    const char *media_type; /* what Accept asks for */
    const char *content_type;
    bool live; /* worth sending before the run is done */
    /*
     * Writes the next bytes to `buffer` of `size`, at least VIEW_ITEM_BYTES, and returns how many.
     * 0: nothing more yet, or, at VIEW_END, for ever. `done`: the run is, so all can be shown.
     */
    size_t (*write)(const struct run *run, bool done, struct view_cursor *cursor, char *buffer,
                    size_t size);
};

extern const struct view json_view;
extern const struct view text_view;

#define VIEWS 2

/* Every view, the default first. */
extern const struct view *const views[VIEWS];
