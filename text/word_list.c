#include "text/word_list.h"

#include <stdio.h>

const char *word_list_join(const char *const *names, size_t count, char text[WORD_LIST_BYTES])
{
    size_t used = 0;
    for (size_t i = 0; i < count && used < WORD_LIST_BYTES; i++) {
        const char *before = i == 0 ? "" : i + 1 < count ? ", " : " and ";
        used += (size_t)snprintf(text + used, WORD_LIST_BYTES - used, "%s%s", before, names[i]);
    }
    return text;
}
