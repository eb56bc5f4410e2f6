/*
 * Splitting and decoding of application/x-www-form-urlencoded (WHATWG URL Standard, section 5.1),
 * the form of a query. Texts are bytes with a length: a client may send NUL and anything else.
 * Thread: any.
 */
#pragma once

#include "server/base/h2o.h"
#include <string.h>

struct text {
    const char *bytes;
    size_t length;
};

/* Takes what stands before the first `separator` off the front of `rest`;
   the separator goes too. */
struct text urlencoded_split(struct text *rest, char separator);

/* Undoes %XX and '+': in memory of the pool, or, where there is none of them, in place. A '%'
   without two hexadecimal digits stands for itself. */
struct text urlencoded_decode(h2o_mem_pool_t *pool, struct text raw);

static inline bool text_is(struct text text, const char *word)
{
    return strlen(word) == text.length && memcmp(text.bytes, word, text.length) == 0;
}
