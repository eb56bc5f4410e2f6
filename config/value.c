#include "config/value.h"

#include "text/decimal.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Each row of the table names a field of its kind's type, which makes the casts sound. */
static void *writable_field(struct config *config, const struct option *option)
{
    return (char *)config + option->offset;
}

static const void *field(const struct config *config, const struct option *option)
{
    return (const char *)config + option->offset;
}

const char *value_text(const struct config *config, const struct option *option)
{
    return *(char *const *)field(config, option);
}

int64_t value_number(const struct config *config, const struct option *option)
{
    return *(const int64_t *)field(config, option);
}

/* ---- from text ------------------------------------------------------------------------------- */

/* Texts go into JSON and into log lines, so they must be fit for both. */
static bool is_printable(const char *text)
{
    json_t *utf8 = json_string(text);
    bool printable = utf8 != NULL;
    json_decref(utf8);
    for (; *text != '\0'; text++)
        printable = printable && !iscntrl((unsigned char)*text);
    return printable;
}

/* Whole in the end: 1e+06 is, as YAML and JSON's printers write it, and so is 0.5KiB. */
static bool parse_whole(const char *text, bool is_size, int64_t *number)
{
    struct decimal decimal;
    const char *unit = text + decimal_read(text, strlen(text), &decimal);
    if (unit == text)
        return false;
    if (is_size && strcmp(unit, "KiB") == 0)
        return decimal_times(&decimal, KIB, number);
    if (is_size && strcmp(unit, "MiB") == 0)
        return decimal_times(&decimal, MIB, number);
    return *unit == '\0' && decimal_times(&decimal, 1, number);
}

/* Reads the number that has to be within the option's bounds; for a text, its length. */
static bool parse_number(const struct option *option, const char *text, int64_t *number)
{
    switch (option->kind) {
    case KIND_NUMBER:
    case KIND_SIZE:
        return parse_whole(text, option->kind == KIND_SIZE, number);
    case KIND_TIME:
        return duration_parse(text, strlen(text), number);
    case KIND_CHOICE:
        *number = 0;
        while (*number <= option->maximum && strcmp(option->choices[*number], text) != 0)
            (*number)++;
        return true; /* also if it is none of them: the number then is past the bounds */
    case KIND_TEXT:
        *number = (int64_t)strlen(text);
        return is_printable(text);
    case KIND_ACTION:
        break;
    }
    return false;
}

bool value_set(struct config *config, const struct option *option, const char *text)
{
    int64_t number;
    if (!parse_number(option, text, &number) || number < option->minimum ||
        number > option->maximum)
        return false;
    if (option->kind != KIND_TEXT) {
        *(int64_t *)writable_field(config, option) = number;
        return true;
    }
    char *copy = strdup(text);
    if (copy == NULL)
        abort(); /* a process that cannot get 255 bytes at its start has nobody to report to */
    value_free(config, option);
    *(char **)writable_field(config, option) = copy;
    return true;
}

void value_free(struct config *config, const struct option *option)
{
    if (option->kind != KIND_TEXT)
        return;
    char **place = writable_field(config, option);
    free(*place);
    *place = NULL;
}

/* ---- to text --------------------------------------------------------------------------------- */

void value_write(const struct option *option, int64_t number, char text[VALUE_TEXT_BYTES])
{
    bool is_size = option->kind == KIND_SIZE && number > 0;
    if (option->kind == KIND_TIME)
        duration_print(number, text);
    else if (option->kind == KIND_CHOICE)
        (void)snprintf(text, VALUE_TEXT_BYTES, "%s", option->choices[number]);
    else if (is_size && number % MIB == 0)
        (void)snprintf(text, VALUE_TEXT_BYTES, "%" PRId64 "MiB", number / MIB);
    else if (is_size && number % KIB == 0)
        (void)snprintf(text, VALUE_TEXT_BYTES, "%" PRId64 "KiB", number / KIB);
    else
        (void)snprintf(text, VALUE_TEXT_BYTES, "%" PRId64, number);
}

void value_range(const struct option *option, char text[VALUE_ALLOWED_BYTES])
{
    char minimum[VALUE_TEXT_BYTES];
    char maximum[VALUE_TEXT_BYTES];
    if (option->kind == KIND_CHOICE) {
        (void)name_list_join(option->choices, (size_t)option->maximum + 1, " or ", text);
        return;
    }
    value_write(option, option->minimum, minimum);
    value_write(option, option->maximum, maximum);
    (void)snprintf(text, VALUE_ALLOWED_BYTES, "%s to %s%s", minimum, maximum,
                   option->kind == KIND_TEXT ? " bytes" : "");
}

void value_allowed(const struct option *option, char text[VALUE_ALLOWED_BYTES])
{
    static const struct {
        const char *before;
        const char *after;
    } sentences[] = {
        [KIND_TEXT] = {"printable UTF-8 of ", ""},
        [KIND_NUMBER] = {"a whole number from ", ""},
        [KIND_TIME] = {"a duration from ", ", such as 250ms or 1.5s"},
        [KIND_SIZE] = {"a size from ", ", such as 512 or 64KiB"},
        [KIND_CHOICE] = {"one of ", ""},
    };
    char range[VALUE_ALLOWED_BYTES];
    value_range(option, range);
    (void)snprintf(text, VALUE_ALLOWED_BYTES, "%s%.64s%s", sentences[option->kind].before, range,
                   sentences[option->kind].after);
}
