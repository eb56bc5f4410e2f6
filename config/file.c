#include "config/complaint.h"
#include "config/sources.h"
#include "config/value.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Enough for every duration that is allowed, and few enough that 0.1 is not 0.10000000000000001. */
#define REAL_DIGITS 15

static bool apply_key(const char *path, const char *key, const json_t *value, struct config *config,
                      FILE *errors)
{
    char source[PATH_MAX + NAME_TEXT_BYTES];
    const struct option *option = option_find(NAME_KEY, key, strlen(key));
    if (option == NULL) {
        (void)snprintf(source, sizeof source, "%s: key ", path);
        complain_unknown(errors, NAME_KEY, source, key, strlen(key));
        return false;
    }
    bool takes_number = option->kind != KIND_TEXT && option->kind != KIND_CHOICE;
    char *dumped =
        json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
    const char *given = json_is_string(value) ? json_string_value(value) : dumped;
    bool could_be_meant = json_is_string(value) || (json_is_number(value) && takes_number);
    bool applied = given != NULL && could_be_meant && value_set(config, option, given);
    if (!applied) {
        (void)snprintf(source, sizeof source, "%s: key \"%s\"", path, key);
        complain_value(errors, source, given != NULL ? given : "", option);
    }
    free(dumped);
    return applied;
}

bool file_apply(const char *path, const char *named_by, struct config *config, FILE *errors)
{
    json_error_t error;
    FILE *file = fopen(path, "re");
    json_t *root = file != NULL ? json_loadf(file, JSON_REJECT_DUPLICATES, &error) : NULL;
    if (file == NULL || (root == NULL && ferror(file) != 0))
        complain(errors, "%s: '%s' cannot be read: %s", named_by, path, strerror(errno));
    else if (root == NULL)
        complain(errors, "%s:%d:%d: %s", path, error.line, error.column, error.text);
    else if (!json_is_object(root))
        complain(errors, "%s: holds a list; one object is allowed: {\"max_delay\": \"10s\"}", path);
    bool applied = json_is_object(root);
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        applied = applied && apply_key(path, key, value, config, errors);
    }
    json_decref(root);
    if (file != NULL)
        (void)fclose(file);
    return applied;
}

static json_t *to_json(const struct config *config, const struct option *option)
{
    char text[VALUE_TEXT_BYTES];
    if (option->kind == KIND_TEXT)
        return json_string(value_text(config, option));
    if (option->kind == KIND_NUMBER)
        return json_integer(value_number(config, option));
    value_write(option, value_number(config, option), text);
    return json_string(text);
}

void file_print(const struct config *config, FILE *output)
{
    json_t *root = json_object();
    for (size_t i = 0; i < OPTION_SETTINGS; i++)
        (void)json_object_set_new(root, option_table[i].name, to_json(config, &option_table[i]));
    (void)json_dumpf(root, output, JSON_INDENT(2));
    (void)fputc('\n', output);
    json_decref(root);
}
