#include "text/duration.h"

#include "text/decimal.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t ns;
};

/* A number without a unit is in the first. duration_print() tries them in this order, and so never
   gets to minutes: nobody expects "1.5m" to be 90 seconds. */
static const struct unit units[] = {
    {"s", NS_PER_SECOND},      {"ms", NS_PER_MS}, {"us", NS_PER_US}, {"ns", 1},
    {"m", 60 * NS_PER_SECOND},
};

/* Returns 0 if there is no such unit. */
static int64_t unit_ns(const char *name, size_t length)
{
    if (length == 0)
        return units[0].ns;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strlen(units[i].name) == length && memcmp(units[i].name, name, length) == 0)
            return units[i].ns;
    return 0;
}

bool duration_parse(const char *text, size_t length, int64_t *duration_ns)
{
    struct decimal count;
    size_t used = decimal_read(text, length, &count);
    int64_t ns = unit_ns(text + used, length - used);
    if (used == 0 || ns == 0)
        return false;
    (void)decimal_times(&count, ns, duration_ns);
    return true;
}

void duration_print(int64_t duration_ns, char text[DURATION_TEXT_BYTES])
{
    const struct unit *unit = units;
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
