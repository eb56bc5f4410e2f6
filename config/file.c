#include "config/complaint.h"
#include "config/sources.h"
#include "config/value.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/*
 * How the next value is written if it is a number, and moves on to it; the caller frees it. Jansson
 * makes a double or an int64_t of it, which no message could quote. The file is good JSON, and no
 * value before `at` was a list or an object: a colon that is not in a string is the next key's.
 */
static char *next_number(const char **at)
{
    bool in_string = false;
    for (; in_string || **at != ':'; (*at)++) {
        if (**at == '"')
            in_string = !in_string;
        else if (**at == '\\')
            (*at)++;
    }
    *at += strspn(*at, ": \t\r\n");
    return strndup(*at, strspn(*at, "+-.0123456789Ee"));
}

/* `number` is how the value is written if it is one. */
static bool apply_key(const char *path, const char *key, const json_t *value, const char *number,
                      struct config *config, FILE *errors)
{
    char source[PATH_MAX + NAME_TEXT_BYTES];
    const struct option *option = option_find(NAME_KEY, key, strlen(key));
    if (option == NULL) {
        (void)snprintf(source, sizeof source, "%s: key ", path);
        complain_unknown(errors, NAME_KEY, source, key, strlen(key));
        return false;
    }
    bool takes_number = option->kind != KIND_TEXT && option->kind != KIND_CHOICE;
    char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    const char *given = json_is_string(value)   ? json_string_value(value)
                        : json_is_number(value) ? number
                                                : dumped;
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
    char *text = NULL;
    size_t capacity = 0;
    FILE *file = fopen(path, "re");
    ssize_t length = file != NULL ? getdelim(&text, &capacity, '\0', file) : -1;
    bool is_read = file != NULL && ferror(file) == 0;
    json_t *root = NULL;
    if (!is_read)
        complain(errors, "%s: '%s' cannot be read: %s", named_by, path, strerror(errno));
    else
        root = json_loadb(length > 0 ? text : "", length > 0 ? (size_t)length : 0,
                          JSON_REJECT_DUPLICATES, &error);
    if (is_read && root == NULL)
        complain(errors, "%s:%d:%d: %s", path, error.line, error.column, error.text);
    else if (is_read && !json_is_object(root))
        complain(errors, "%s: holds a list; one object is allowed: {\"max_delay\": \"10s\"}", path);
    bool applied = json_is_object(root);
    const char *at = text;
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value) /* in the order of the file */
    {
        char *number = applied ? next_number(&at) : NULL;
        applied = applied && apply_key(path, key, value, number, config, errors);
        free(number);
    }
    json_decref(root);
    free(text);
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
