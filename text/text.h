/*
 * Bytes with a length, as clients send them: without a NUL at the end, and with anything in them.
 * A text borrows its bytes: their owner keeps them for as long as it is used. Thread: any; no
 * state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text {
    const char *bytes;
    size_t length;
};

/* Takes off `rest` what stands before its first `separator`, and the separator too; without one,
   all of it. Returns what it took, without the separator. */
struct text text_split(struct text *rest, char separator);

/* Returns it without the spaces and tabs at both ends. */
struct text text_trim(struct text text);

static inline bool text_is(struct text text, const char *word)
{
    if (text.length == 0)
        return word[0] == '\0';
    return text.bytes[0] == word[0] && strlen(word) == text.length &&
           memcmp(text.bytes, word, text.length) == 0;
}
