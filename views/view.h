/*
 * A view shows a timeline. The server asks it for the next bytes whenever it can send some, so that
 * a run of a million tasks is shown in small pieces, and a live view shows what has been said so
 * far.
 *
 * Thread: one at a time for a cursor. While a run goes on in another thread, ask only a live view,
 * and with `done` false.
 */
#pragma once

#include "handlers/timeline.h"

/* Views write whole items, so a buffer must have room for the longest one. */
#define VIEW_ITEM_BYTES 160

/* How far a view has got. Zeroed at the start. */
struct view_cursor {
    uint32_t part; /* VIEW_END when all is written */
    uint32_t item; /* the part's next one */
    bool is_open;  /* what opens the part is written */
};

#define VIEW_END UINT32_MAX

/*
 * A stretch of a view: what opens it, its items, and what closes it, all of which may be left out.
 * Each of them is at most VIEW_ITEM_BYTES long. Whatever puts something at `at` returns where to go
 * on.
 */
struct part {
    bool (*is_there)(const struct timeline *timeline); /* NULL: always */
    bool is_known;  /* all of it follows from the request, before the run is done */
    uint32_t leads; /* so many parts after it are there only where it is */
    struct text open;
    struct text close;
    uint32_t (*count)(const struct timeline *timeline); /* NULL: one item if there is a `put` */
    char *(*put)(char *at, const struct timeline *timeline, uint32_t item);
    /* In place of `put`, where a loop of its own is faster: puts items from *item to `count`, as
       long as they begin at or before `last`. */
    char *(*put_many)(char *at, const char *last, const struct timeline *timeline, uint32_t count,
                      uint32_t *item);
    /* How many bytes its items are, where that is found faster than by writing them; or NULL. */
    size_t (*length)(const struct timeline *timeline);
};

/* Initialises a struct text. */
#define LITERAL(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

struct view {
    const char *name;       /* the value of the `format` parameter */
    const char *media_type; /* what Accept asks for */
    const char *content_type;
    bool needs_states; /* it shows what each task did: timeline=states is kept for it */
    bool live;         /* shown while the run goes on, and not only once it is done */
    const struct part *parts;
    uint32_t part_count;
    /* In place of parts: what is shown follows from the request alone, and nothing has to run for
       it. Returns how many bytes it is, and writes them where `buffer` is not NULL. */
    size_t (*program)(const struct plan *plan, char *buffer);
};

/*
 * Writes the next bytes to `buffer` of `size`, at least VIEW_ITEM_BYTES, and returns how many: 0 if
 * there are none yet, or at VIEW_END none any more. `done` says that the run is, so that all can be
 * shown.
 */
size_t view_write(const struct view *view, const struct timeline *timeline, bool done,
                  struct view_cursor *cursor, char *buffer, size_t size);

/* How many bytes that will be in all, once the run is done. */
size_t view_length(const struct view *view, const struct timeline *timeline);
