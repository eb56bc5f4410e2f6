#include "server/http/urlencoded.h"

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    int lower = digit | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool is_plain(struct text raw)
{
    for (size_t i = 0; i < raw.length; i++)
        if (raw.bytes[i] == '%' || raw.bytes[i] == '+')
            return false;
    return true;
}

struct text urlencoded_decode(h2o_mem_pool_t *pool, struct text raw)
{
    if (is_plain(raw))
        return raw;
    char *decoded = h2o_mem_alloc_pool(pool, raw.length);
    size_t length = 0;
    for (size_t i = 0; i < raw.length; i++) {
        char byte = raw.bytes[i];
        bool escaped = byte == '%' && i + 2 < raw.length && hex_digit(raw.bytes[i + 1]) >= 0 &&
                       hex_digit(raw.bytes[i + 2]) >= 0;
        if (escaped) {
            byte = (char)(hex_digit(raw.bytes[i + 1]) << 4 | hex_digit(raw.bytes[i + 2]));
            i += 2;
        }
        if (byte == '+' && !escaped)
            byte = ' ';
        decoded[length++] = byte;
    }
    return (struct text){decoded, length};
}

struct text urlencoded_split(struct text *rest, char separator)
{
    const char *found = memchr(rest->bytes, separator, rest->length);
    size_t length = found == NULL ? rest->length : (size_t)(found - rest->bytes);
    struct text first = {rest->bytes, length};
    size_t taken = found == NULL ? length : length + 1;
    *rest = (struct text){rest->bytes + taken, rest->length - taken};
    return first;
}
