#include "text/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t ns;
};

/* No unit at all means seconds, and nothing larger is printed: "1.5m" for 90 seconds misleads. */
enum { MINUTES, SECONDS, UNITS = 5 };

static const struct unit units[UNITS] = {
    [MINUTES] = {"m", 60 * NS_PER_SECOND},
    [SECONDS] = {"s", NS_PER_SECOND},
    {"ms", NS_PER_MS},
    {"us", NS_PER_US},
    {"ns", 1},
};

static size_t count_digits(const char *text, size_t length)
{
    size_t count = 0;
    while (count < length && text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

/* 0: there is no such unit. */
static int64_t unit_ns(const char *name, size_t length)
{
    if (length == 0)
        return units[SECONDS].ns;
    for (size_t i = 0; i < UNITS; i++)
        if (strlen(units[i].name) == length && memcmp(units[i].name, name, length) == 0)
            return units[i].ns;
    return 0;
}

bool duration_parse(const char *text, size_t length, int64_t *duration_ns)
{
    size_t whole = count_digits(text, length);
    size_t point = whole < length && text[whole] == '.' ? 1 : 0;
    size_t decimals = point == 0 ? 0 : count_digits(text + whole + 1, length - whole - 1);
    size_t used = whole + point + decimals;
    int64_t last_digit_ns = unit_ns(text + used, length - used);
    if (whole == 0 || decimals < point || last_digit_ns == 0)
        return false;
    for (size_t i = 0; i < decimals; i++) {
        if (last_digit_ns % 10 != 0)
            return false;
        last_digit_ns /= 10;
    }
    /* "1.5s" is 15 times a tenth of a second. */
    int64_t count = 0;
    for (size_t i = 0; i < used; i++) {
        if (text[i] != '.' && (__builtin_mul_overflow(count, 10, &count) ||
                               __builtin_add_overflow(count, text[i] - '0', &count)))
            return false;
    }
    int64_t total_ns;
    if (__builtin_mul_overflow(count, last_digit_ns, &total_ns))
        return false;
    *duration_ns = total_ns;
    return true;
}

void duration_print(int64_t duration_ns, char text[DURATION_TEXT_BYTES])
{
    const struct unit *unit = &units[SECONDS];
    while (duration_ns > 0 && duration_ns < unit->ns)
        unit++;
    int used = snprintf(text, DURATION_TEXT_BYTES, "%" PRId64, duration_ns / unit->ns);
    int64_t rest_ns = duration_ns % unit->ns;
    const char *point = ".";
    for (int64_t digit_ns = unit->ns / 10; rest_ns > 0; digit_ns /= 10) {
        used += snprintf(text + used, DURATION_TEXT_BYTES - (size_t)used, "%s%d", point,
                         (int)(rest_ns / digit_ns));
        rest_ns %= digit_ns;
        point = "";
    }
    (void)snprintf(text + used, DURATION_TEXT_BYTES - (size_t)used, "%s", unit->name);
}
