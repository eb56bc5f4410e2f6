#include "text/put.h"

char *put_number(char *at, uint64_t number)
{
    char *end = at + 1;
    for (uint64_t rest = number / 10; rest > 0; rest /= 10)
        end++;
    for (char *digit = end; digit > at; number /= 10)
        *--digit = (char)('0' + number % 10);
    return end;
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

char *put_json_escaped(char *at, const char *bytes, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '"' || byte == '\\') {
            *at++ = '\\';
            *at++ = (char)byte;
        } else if (byte >= 0x20 && byte < 0x7f) {
            *at++ = (char)byte;
        } else {
            at = put_text(at, "\\u00");
            *at++ = hex[byte >> 4];
            *at++ = hex[byte & 15];
        }
    }
    return at;
}
