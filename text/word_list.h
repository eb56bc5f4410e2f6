/*
 * Names in a sentence: "json and text", "/hi, /parallel and /sequence". So that a message never
 * holds a second copy of a table. Thread: any; no state.
 */
#pragma once

#include <stddef.h>

#define WORD_LIST_BYTES 200

/* Joins `count` names, at least one, with commas and a last "and"; cut where the room ends. */
const char *word_list_join(const char *const *names, size_t count, char text[WORD_LIST_BYTES]);
