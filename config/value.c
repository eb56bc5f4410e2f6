#include "config/value.h"

#include "text/duration.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* struct config has an object of the kind's type at the offset, so that the casts are sound. */
static const void *field(const struct config *config, const struct option *option)
{
    return (const char *)config + option->offset;
}

static void *writable_field(struct config *config, const struct option *option)
{
    return (char *)config + option->offset;
}

const char *value_text(const struct config *config, const struct option *option)
{
    return *(char *const *)field(config, option);
}

int64_t value_number(const struct config *config, const struct option *option)
{
    return *(const int64_t *)field(config, option);
}

/* Texts end up in JSON and in log lines, so they must be fit for both. */
static bool is_printable(const char *text)
{
    json_t *utf8 = json_string(text);
    bool printable = utf8 != NULL;

    json_decref(utf8);
    for (; *text; text++)
        printable = printable && !iscntrl((unsigned char)*text);
    return printable;
}

static bool set_text(struct config *config, const struct option *option, const char *text)
{
    char **place = writable_field(config, option);
    int64_t length = (int64_t)strlen(text);

    if (length < option->minimum || length > option->maximum || !is_printable(text))
        return false;

    char *copy = strdup(text);
    if (!copy) {
        /* A process that cannot get 255 bytes at its start has nobody to report to. */
        abort();
    }
    free(*place);
    *place = copy;
    return true;
}

/* Digits first: strtoll() alone would also take white space and a sign. */
static bool parse_digits(const char *text, int64_t *number, const char **rest)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *number = strtoll(text, &end, 10);
    *rest = end;
    return errno == 0;
}

static bool parse_integer(const char *text, int64_t *number)
{
    const char *rest;

    return parse_digits(text, number, &rest) && *rest == '\0';
}

static bool parse_bytes(const char *text, int64_t *number)
{
    const char *rest;

    if (!parse_digits(text, number, &rest))
        return false;
    if (strcmp(rest, "KiB") == 0)
        return !__builtin_mul_overflow(*number, BYTES_PER_KIB, number);
    if (strcmp(rest, "MiB") == 0)
        return !__builtin_mul_overflow(*number, BYTES_PER_MIB, number);
    return *rest == '\0';
}

static bool parse_choice(const char *const *choices, const char *text, int64_t *number)
{
    for (int64_t i = 0; choices[i]; i++) {
        if (strcmp(choices[i], text) == 0) {
            *number = i;
            return true;
        }
    }
    return false;
}

static bool parse_number(const struct option *option, const char *text, int64_t *number)
{
    switch (option->kind) {
    case KIND_INTEGER:
        return parse_integer(text, number);
    case KIND_DURATION:
        return duration_parse(text, strlen(text), number);
    case KIND_BYTES:
        return parse_bytes(text, number);
    case KIND_CHOICE:
        return parse_choice(option->choices, text, number);
    case KIND_TEXT:
    case KIND_ACTION:
        break;
    }
    return false;
}

bool value_set(struct config *config, const struct option *option, const char *text)
{
    int64_t number;

    if (option->kind == KIND_TEXT)
        return set_text(config, option, text);
    if (!parse_number(option, text, &number) || number < option->minimum ||
        number > option->maximum)
        return false;
    *(int64_t *)writable_field(config, option) = number;
    return true;
}

void value_free(struct config *config, const struct option *option)
{
    if (option->kind == KIND_TEXT) {
        char **place = writable_field(config, option);
        free(*place);
        *place = NULL;
    }
}
