#include "text/text.h"

#include <ctype.h>

struct text text_split(struct text *rest, char separator)
{
    const char *found = memchr(rest->bytes, separator, rest->length);
    size_t length = found == NULL ? rest->length : (size_t)(found - rest->bytes);
    struct text first = {rest->bytes, length};
    size_t taken = found == NULL ? length : length + 1;
    *rest = (struct text){rest->bytes + taken, rest->length - taken};
    return first;
}

struct text text_trim(struct text text)
{
    while (text.length > 0 && isblank((unsigned char)text.bytes[0]))
        text = (struct text){text.bytes + 1, text.length - 1};
    while (text.length > 0 && isblank((unsigned char)text.bytes[text.length - 1]))
        text.length--;
    return text;
}
