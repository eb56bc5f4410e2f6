#include "config/names.h"

#include "text/nearest.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const prefixes[] = {
    [NAME_FLAG] = "--",
    [NAME_VARIABLE] = VARIABLE_PREFIX,
    [NAME_KEY] = "",
};

static const size_t nameable[] = {
    [NAME_FLAG] = OPTION_COUNT,
    [NAME_VARIABLE] = OPTION_CONFIG + 1,
    [NAME_KEY] = OPTION_SETTINGS,
};

static char spelled(char byte, enum name_style style)
{
    if (style == NAME_VARIABLE)
        return (char)toupper((unsigned char)byte);
    return (char)(style == NAME_FLAG && byte == '_' ? '-' : byte);
}

void name_write(const struct option *option, enum name_style style, char text[NAME_TEXT_BYTES])
{
    size_t prefix_length = strlen(prefixes[style]);

    snprintf(text, NAME_TEXT_BYTES, "%s%s", prefixes[style], option->name);
    for (char *byte = text + prefix_length; *byte; byte++)
        *byte = spelled(*byte, style);
}

const struct option *name_find(enum name_style style, const char *text, size_t length)
{
    char name[NAME_TEXT_BYTES];

    for (size_t i = 0; i < nameable[style]; i++) {
        name_write(&option_table[i], style, name);
        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return &option_table[i];
    }
    return NULL;
}

/* Prefixes are stripped, else what all names share would make every name look near. */
static size_t bare(enum name_style style, const char *text, size_t length,
                   char name[NAME_TEXT_BYTES])
{
    size_t used = 0;

    if (style == NAME_VARIABLE) {
        size_t prefix_length = strlen(VARIABLE_PREFIX);
        text += prefix_length;
        length -= prefix_length;
    }
    while (length > 0 && *text == '-') {
        text++;
        length--;
    }
    for (; used < length && used < NAME_TEXT_BYTES; used++)
        name[used] = (char)(text[used] == '-' ? '_' : tolower((unsigned char)text[used]));
    return used;
}

const struct option *name_nearest(enum name_style style, const char *text, size_t length)
{
    const char *known[OPTION_COUNT] = {NULL};
    char name[NAME_TEXT_BYTES];
    size_t name_length = bare(style, text, length, name);

    for (size_t i = 0; i < nameable[style]; i++)
        known[i] = option_table[i].name;

    const char *nearest = nearest_name(name, name_length, known, nameable[style]);
    for (size_t i = 0; nearest && i < nameable[style]; i++)
        if (known[i] == nearest)
            return &option_table[i];
    return NULL;
}
