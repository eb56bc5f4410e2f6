/*
 * What a view is made of. A part is a text, an item, or a list: what opens it, its items, what
 * closes it. Each of these is at most VIEW_ITEM_BYTES long and is begun only where there is room
 * for that. Whoever puts something at `at` returns where to go on.
 */
#pragma once

#include "views/view.h"

/* Constant text; may be left out. */
struct literal {
    const char *text;
    size_t length;
};

#define LITERAL(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

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
};
