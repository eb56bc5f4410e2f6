#include "server/http/urlencoded.h"

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    int lower = digit | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

struct text urlencoded_decode(h2o_mem_pool_t *pool, struct text raw)
{
    size_t plain = 0;
    while (plain < raw.length && raw.bytes[plain] != '%' && raw.bytes[plain] != '+')
        plain++;
    if (plain == raw.length)
        return raw;
    char *decoded = h2o_mem_alloc_pool(pool, raw.length);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        bool may_escape = raw.bytes[i] == '%' && i + 2 < raw.length;
        int high = may_escape ? hex_digit(raw.bytes[i + 1]) : -1;
        int low = may_escape ? hex_digit(raw.bytes[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            decoded[length++] = (char)(high << 4 | low);
            i += 2;
        } else {
            decoded[length++] = raw.bytes[i] == '+' ? ' ' : raw.bytes[i];
        }
    }
    return (struct text){decoded, length};
}
