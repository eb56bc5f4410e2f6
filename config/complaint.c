#include "config/complaint.h"

#include "config/value.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A whole file may be given by mistake; this much is enough to recognise it. */
#define GIVEN_BYTES_SHOWN 80

void complain(FILE *errors, const char *format, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    va_end(arguments);
    (void)fputs("awaitd: ", errors);
    for (const char *at = message != NULL ? message : "out of memory"; *at != '\0'; at++) {
        if (*at >= ' ' && *at <= '~')
            (void)fputc(*at, errors);
        else
            (void)fprintf(errors, "\\x%02x", (unsigned char)*at);
    }
    (void)fputc('\n', errors);
    free(message);
}

void complain_value(FILE *errors, const char *source, const char *given,
                    const struct option *option)
{
    char allowed[VALUE_ALLOWED_BYTES];
    const char *more = strlen(given) > GIVEN_BYTES_SHOWN ? "..." : "";
    value_allowed(option, allowed);
    complain(errors, "%s: '%.*s%s' is not allowed: %s", source, GIVEN_BYTES_SHOWN, given, more,
             allowed);
}

void complain_unknown(FILE *errors, enum name_style style, const char *where, const char *name,
                      size_t length)
{
    static const char *const nouns[] = {
        [NAME_FLAG] = "flag",
        [NAME_VARIABLE] = "variable of awaitd",
        [NAME_KEY] = "key",
    };
    const struct option *nearest = option_nearest(style, name, length);
    int shown = length < GIVEN_BYTES_SHOWN ? (int)length : GIVEN_BYTES_SHOWN;
    char meant[NAME_TEXT_BYTES];
    if (nearest == NULL) {
        complain(errors, "%s'%.*s' is not a %s: awaitd --help names them all", where, shown, name,
                 nouns[style]);
        return;
    }
    option_name(nearest, style, meant);
    complain(errors, "%s'%.*s' is not a %s: did you mean %s?", where, shown, name, nouns[style],
             meant);
}

void complain_operand(FILE *errors, const char *word, size_t length)
{
    char flag[NAME_TEXT_BYTES];
    int shown = length < GIVEN_BYTES_SHOWN ? (int)length : GIVEN_BYTES_SHOWN;
    (void)snprintf(flag, sizeof flag, "--%.*s", shown, word);
    if (option_find(NAME_FLAG, flag, strlen(flag)) != NULL)
        complain(errors, "'%.*s' is not a flag: did you mean %s?", shown, word, flag);
    else
        complain(errors,
                 "'%.*s' is not a flag: each begins with --, and awaitd takes nothing else; awaitd "
                 "--help names them all",
                 shown, word);
}
