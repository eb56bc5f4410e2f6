#include "views/put.h"

char *put_number(char *at, uint64_t number)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

char *put_seconds(char *at, int64_t duration_ns, int decimals)
{
    uint64_t ns = duration_ns > 0 ? (uint64_t)duration_ns : 0;
    uint64_t unit_ns = 1000000000;
    at = put_number(at, ns / unit_ns);
    if (decimals > 0)
        *at++ = '.';
    for (int digit = 0; digit < decimals; digit++) {
        ns %= unit_ns;
        unit_ns /= 10;
        *at++ = (char)('0' + ns / unit_ns);
    }
    return at;
}

static char *put_json_byte(char *at, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    if (byte == '"' || byte == '\\') {
        *at++ = '\\';
        *at++ = (char)byte;
        return at;
    }
    if (byte >= 0x20 && byte < 0x7f) {
        *at++ = (char)byte;
        return at;
    }
    at = put_text(at, "\\u00");
    *at++ = hex[byte >> 4];
    *at++ = hex[byte & 15];
    return at;
}

char *put_json_escaped(char *at, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        at = put_json_byte(at, (unsigned char)bytes[i]);
    return at;
}
