#include "views/put.h"

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
    uint64_t ns = duration_ns > 0 ? (uint64_t)duration_ns : 0;
    uint32_t rest_ns = (uint32_t)(ns % 1000000000);
    char digits[9];
    for (int i = 8; i >= 0; i--, rest_ns /= 10)
        digits[i] = (char)('0' + rest_ns % 10);
    at = put_number(at, ns / 1000000000);
    if (decimals > 0)
        *at++ = '.';
    return put_bytes(at, digits, (size_t)decimals);
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
