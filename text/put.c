#include "text/put.h"

#include <stdbool.h>

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
    static const uint32_t units_ns[] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                        10000,      1000,      100,      10,      1};
    uint64_t ns = duration_ns > 0 ? (uint64_t)duration_ns : 0;
    uint32_t rest = (uint32_t)(ns % units_ns[0]) / units_ns[decimals];
    at = put_number(at, ns / units_ns[0]);
    if (decimals == 0)
        return at;
    *at = '.';
    for (int digit = decimals; digit > 0; digit--, rest /= 10)
        at[digit] = (char)('0' + rest % 10);
    return at + 1 + decimals;
}

static bool stands_for_itself(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static char *put_escape(char *at, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    if (byte == '"' || byte == '\\') {
        *at++ = '\\';
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
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (stands_for_itself(byte))
            *at++ = (char)byte;
        else
            at = put_escape(at, byte);
    }
    return at;
}
