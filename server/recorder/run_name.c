#include "server/recorder/run_name.h"

#include <stdio.h>

void run_name(const char *epoch, uint64_t number, char name[RUN_NAME_BYTES])
{
    (void)snprintf(name, RUN_NAME_BYTES, "%s-%llu", epoch, (unsigned long long)number);
}

uint64_t run_number(const char *epoch, struct text name)
{
    struct text digits = name;
    uint64_t number = 0;
    struct text given = text_split(&digits, '-');
    if (!text_is(given, epoch) || digits.length == 0 || digits.length > 18)
        return 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.bytes[i] < '0' || digits.bytes[i] > '9')
            return 0;
        number = number * 10 + (uint64_t)(digits.bytes[i] - '0');
    }
    return number;
}
