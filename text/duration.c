#include "text/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t ns;
};

static const struct unit units[] = {
    {"s", NS_PER_SECOND},      {"ms", NS_PER_MS}, {"us", NS_PER_US}, {"ns", 1},
    {"m", 60 * NS_PER_SECOND},
};

/* duration_print() goes down the units from here; nobody expects "1.5m" to be 90 seconds. */
static const struct unit *const largest_printed = &units[0];

static size_t count_digits(const char *text, size_t length)
{
    size_t count = 0;

    while (count < length && text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

/* No unit at all means seconds. */
static int64_t unit_ns(const char *name, size_t length)
{
    if (length == 0)
        return NS_PER_SECOND;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strlen(units[i].name) == length && memcmp(units[i].name, name, length) == 0)
            return units[i].ns;
    return 0;
}

static bool add_digits(const char *digits, size_t count, int64_t scale_ns, int64_t *total_ns)
{
    int64_t number = 0;
    int64_t added_ns;

    for (size_t i = 0; i < count; i++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digits[i] - '0', &number))
            return false;
    return !__builtin_mul_overflow(number, scale_ns, &added_ns) &&
           !__builtin_add_overflow(*total_ns, added_ns, total_ns);
}

/* Each digit after the point is worth a tenth of the one before it, as long as that is whole. */
static bool add_fraction(const char *digits, size_t count, int64_t scale_ns, int64_t *total_ns)
{
    for (size_t i = 0; i < count; i++) {
        if (scale_ns % 10 != 0)
            return false;
        scale_ns /= 10;
    }
    return add_digits(digits, count, scale_ns, total_ns);
}

bool duration_parse(const char *text, size_t length, int64_t *duration_ns)
{
    size_t whole = count_digits(text, length);
    bool has_point = whole < length && text[whole] == '.';
    size_t point = has_point ? 1 : 0;
    const char *fraction = text + whole + point;
    size_t decimals = has_point ? count_digits(fraction, length - whole - point) : 0;
    int64_t scale_ns = unit_ns(fraction + decimals, length - whole - point - decimals);
    int64_t total_ns = 0;

    if (whole == 0 || (has_point && decimals == 0) || scale_ns == 0)
        return false;
    if (!add_digits(text, whole, scale_ns, &total_ns) ||
        !add_fraction(fraction, decimals, scale_ns, &total_ns))
        return false;
    *duration_ns = total_ns;
    return true;
}

void duration_print(int64_t duration_ns, char text[DURATION_TEXT_BYTES])
{
    const struct unit *unit = largest_printed;
    int used;

    while (duration_ns > 0 && duration_ns < unit->ns)
        unit++;
    used = snprintf(text, DURATION_TEXT_BYTES, "%" PRId64, duration_ns / unit->ns);

    int64_t rest_ns = duration_ns % unit->ns;
    const char *point = ".";
    for (int64_t scale_ns = unit->ns / 10; rest_ns > 0; scale_ns /= 10) {
        used += snprintf(text + used, DURATION_TEXT_BYTES - (size_t)used, "%s%d", point,
                         (int)(rest_ns / scale_ns));
        rest_ns %= scale_ns;
        point = "";
    }
    snprintf(text + used, DURATION_TEXT_BYTES - (size_t)used, "%s", unit->name);
}
