#include "config/complaint.h"
#include "config/config.h"
#include "config/names.h"
#include "config/sources.h"
#include "config/value.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Enough for every duration that is allowed, and few enough that 0.1 is not 0.10000000000000001. */
#define REAL_DIGITS 15

/* NULL for what could not be meant for the option, such as an object, or a number for a text. */
static const char *meant_text(const struct option *option, const json_t *value, const char *dumped)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_number(value) && option->kind != KIND_TEXT && option->kind != KIND_CHOICE)
        return dumped;
    return NULL;
}

static bool apply_value(const char *source, const struct option *option, const json_t *value,
                        struct config *config, FILE *errors)
{
    char *dumped =
        json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
    const char *text = dumped ? meant_text(option, value, dumped) : NULL;
    bool applied = text && value_set(config, option, text);

    if (!applied)
        complain_value(errors, source, text ? text : dumped ? dumped : "", option);
    free(dumped);
    return applied;
}

static bool apply_key(const char *path, const char *key, const json_t *value, struct config *config,
                      FILE *errors)
{
    const struct option *option = name_find(NAME_KEY, key, strlen(key));
    char *source = NULL;
    bool applied = false;

    if (asprintf(&source, option ? "%s: key \"%s\"" : "%s: key ", path, key) < 0) {
        complain(errors, "out of memory");
        return false;
    }
    if (option)
        applied = apply_value(source, option, value, config, errors);
    else
        complain_unknown(errors, NAME_KEY, source, key, strlen(key));
    free(source);
    return applied;
}

static bool apply_object(const char *path, json_t *root, struct config *config, FILE *errors)
{
    const char *key;
    json_t *value;

    if (!json_is_object(root)) {
        complain(errors, "%s: holds a list; one object is allowed: {\"max_delay\": \"10s\"}", path);
        return false;
    }
    json_object_foreach(root, key, value)
    {
        if (!apply_key(path, key, value, config, errors))
            return false;
    }
    return true;
}

static void complain_unreadable(const char *path, const char *named_by, FILE *errors)
{
    complain(errors, "%s: '%s' cannot be read: %s", named_by, path, strerror(errno));
}

static json_t *parse(FILE *file, const char *path, const char *named_by, FILE *errors)
{
    json_error_t error;

    errno = 0;
    json_t *root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    if (!root && ferror(file))
        complain_unreadable(path, named_by, errors);
    else if (!root)
        complain(errors, "%s:%d:%d: %s", path, error.line, error.column, error.text);
    return root;
}

bool file_apply(const char *path, const char *named_by, struct config *config, FILE *errors)
{
    FILE *file = fopen(path, "re");
    if (!file) {
        complain_unreadable(path, named_by, errors);
        return false;
    }

    json_t *root = parse(file, path, named_by, errors);
    bool applied = root && apply_object(path, root, config, errors);

    json_decref(root);
    fclose(file);
    return applied;
}

static json_t *to_json(const struct config *config, const struct option *option)
{
    char text[VALUE_TEXT_BYTES];

    if (option->kind == KIND_TEXT)
        return json_string(value_text(config, option));
    if (option->kind == KIND_INTEGER)
        return json_integer(value_number(config, option));
    value_write(option, value_number(config, option), text);
    return json_string(text);
}

void config_print_json(const struct config *config, FILE *output)
{
    json_t *root = json_object();

    for (size_t i = 0; i < OPTION_SETTINGS; i++)
        json_object_set_new(root, option_table[i].name, to_json(config, &option_table[i]));
    json_dumpf(root, output, JSON_INDENT(2));
    fputc('\n', output);
    json_decref(root);
}
