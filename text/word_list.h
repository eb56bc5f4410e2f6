/*
 * Names in a sentence: "json and text", "/hi, /parallel and /sequence". So that a message never
 * holds a second copy of a table. Thread: any; no state.
 */
#pragma once

#include <stddef.h>

#define WORD_LIST_BYTES 200

/* Zeroed at the start. */
struct word_list {
    char text[WORD_LIST_BYTES];
    size_t length;
    const char *last; /* not written yet: a comma or an "and" may have to stand before it */
};

/* Adds a name, which is lent until the list's end. */
void word_list_add(struct word_list *list, const char *name);

/* The whole of it, with a last "and"; cut where the room ends. */
const char *word_list_end(struct word_list *list);
