#include "config/value.h"
#include "text/duration.h"

#include <inttypes.h>

_Static_assert(DURATION_TEXT_BYTES <= VALUE_TEXT_BYTES, "a duration is written in place");

static void write_bytes(int64_t number, char text[VALUE_TEXT_BYTES])
{
    if (number > 0 && number % BYTES_PER_MIB == 0)
        snprintf(text, VALUE_TEXT_BYTES, "%" PRId64 "MiB", number / BYTES_PER_MIB);
    else if (number > 0 && number % BYTES_PER_KIB == 0)
        snprintf(text, VALUE_TEXT_BYTES, "%" PRId64 "KiB", number / BYTES_PER_KIB);
    else
        snprintf(text, VALUE_TEXT_BYTES, "%" PRId64, number);
}

void value_write(const struct option *option, int64_t number, char text[VALUE_TEXT_BYTES])
{
    switch (option->kind) {
    case KIND_DURATION:
        duration_print(number, text);
        break;
    case KIND_BYTES:
        write_bytes(number, text);
        break;
    case KIND_CHOICE:
        snprintf(text, VALUE_TEXT_BYTES, "%s", option->choices[number]);
        break;
    case KIND_INTEGER:
    case KIND_TEXT:
    case KIND_ACTION:
        snprintf(text, VALUE_TEXT_BYTES, "%" PRId64, number);
        break;
    }
}

static void write_choices(const char *const *choices, char text[VALUE_ALLOWED_BYTES])
{
    size_t used = 0;

    for (size_t i = 0; choices[i] && used < VALUE_ALLOWED_BYTES; i++) {
        const char *joint = i == 0 ? "" : choices[i + 1] ? ", " : " or ";

        used +=
            (size_t)snprintf(text + used, VALUE_ALLOWED_BYTES - used, "%s%s", joint, choices[i]);
    }
}

void value_range(const struct option *option, char text[VALUE_ALLOWED_BYTES])
{
    char minimum[VALUE_TEXT_BYTES];
    char maximum[VALUE_TEXT_BYTES];

    if (option->kind == KIND_CHOICE) {
        write_choices(option->choices, text);
        return;
    }
    value_write(option, option->minimum, minimum);
    value_write(option, option->maximum, maximum);
    snprintf(text, VALUE_ALLOWED_BYTES, "%s to %s%s", minimum, maximum,
             option->kind == KIND_TEXT ? " bytes" : "");
}

void value_allowed(const struct option *option, char text[VALUE_ALLOWED_BYTES])
{
    static const struct {
        const char *before;
        const char *after;
    } sentences[] = {
        [KIND_TEXT] = {"printable UTF-8 of ", ""},
        [KIND_INTEGER] = {"a whole number from ", ""},
        [KIND_DURATION] = {"a duration from ", ", such as 250ms or 1.5s"},
        [KIND_BYTES] = {"a size from ", ", such as 512 or 64KiB"},
        [KIND_CHOICE] = {"one of ", ""},
    };
    char range[VALUE_ALLOWED_BYTES];

    value_range(option, range);
    snprintf(text, VALUE_ALLOWED_BYTES, "%s%.64s%s", sentences[option->kind].before, range,
             sentences[option->kind].after);
}
