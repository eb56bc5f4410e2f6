#include "server/http/urlencoded.h"

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    int lower = digit | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static struct text decode(h2o_mem_pool_t *pool, struct text raw)
{
    char *decoded = h2o_mem_alloc_pool(pool, raw.length);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        bool may_escape = raw.bytes[i] == '%' && i + 2 < raw.length;
        int high = may_escape ? hex_digit(raw.bytes[i + 1]) : -1;
        int low = may_escape ? hex_digit(raw.bytes[i + 2]) : -1;
        char byte = raw.bytes[i];
        if (high >= 0 && low >= 0) {
            byte = (char)(high << 4 | low);
            i += 2;
        } else if (byte == '+') {
            byte = ' ';
        }
        decoded[length++] = byte;
    }
    return (struct text){decoded, length};
}

bool urlencoded_next(h2o_mem_pool_t *pool, struct text *rest, struct text *name, struct text *value)
{
    while (rest->length > 0) {
        *value = text_split(rest, '&');
        if (value->length == 0)
            continue;
        bool is_plain = memchr(value->bytes, '%', value->length) == NULL &&
                        memchr(value->bytes, '+', value->length) == NULL;
        *name = text_split(value, '=');
        if (!is_plain) {
            *name = decode(pool, *name);
            *value = decode(pool, *value);
        }
        return true;
    }
    return false;
}
