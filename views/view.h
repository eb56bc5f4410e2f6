/*
 * A view shows a timeline. It is a pull: the server asks for the next bytes whenever it can send
 * some, so a run of a million tasks is shown in small pieces, and a live view shows what has been
 * said so far.
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

/*
 * A stretch of a view: what opens it, its items, what closes it; all may be left out. Each of these
 * is at most VIEW_ITEM_BYTES long, and is begun only where there is room for that. Whoever puts
 * something at `at` returns where to go on.
 */
struct part {
    bool (*is_there)(const struct timeline *timeline); /* NULL: always */
    struct literal open;
    struct literal close;
    uint32_t (*count)(const struct timeline *timeline); /* NULL: one item, or none without `put` */
    char *(*put)(char *at, const struct timeline *timeline, uint32_t item);
    /* Instead of `put`, where a loop of its own is faster: from *item on, as many of `count` as
       begin at or before `last`. */
    char *(*put_many)(char *at, const char *last, const struct timeline *timeline, uint32_t count,
                      uint32_t *item);
    /* How many bytes its items are, where that is found faster than by writing them; or NULL. */
    size_t (*length)(const struct timeline *timeline);
};

#define LITERAL(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

struct view {
    const char *name;       /* the value of the `format` parameter */
    const char *media_type; /* what Accept asks for */
    const char *content_type;
    bool live; /* worth sending before the run is done */
    const struct part *parts;
    uint32_t part_count;
};

/*
 * Writes the next bytes to `buffer` of `size`, at least VIEW_ITEM_BYTES, and returns how many.
 * 0: nothing more yet, or, at VIEW_END, for ever. `done`: the run is, so all can be shown.
 */
size_t view_write(const struct view *view, const struct timeline *timeline, bool done,
                  struct view_cursor *cursor, char *buffer, size_t size);

/* How many bytes that will be in all, once the run is done. */
size_t view_length(const struct view *view, const struct timeline *timeline);
