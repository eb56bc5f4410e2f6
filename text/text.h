/*
 * Bytes with a length, as clients send them: without a NUL at the end, and with anything in them.
 * A text is lent: whose bytes they are, it does not know. Thread: any; no state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text {
    const char *bytes;
    size_t length;
};

/* Takes what stands before the first `separator` off the front of `rest`; the separator goes too.
   Without one it takes all. */
struct text text_split(struct text *rest, char separator);

/* Without the spaces and tabs at both ends. */
struct text text_trim(struct text text);

static inline bool text_is(struct text text, const char *word)
{
    return strlen(word) == text.length && memcmp(text.bytes, word, text.length) == 0;
}
