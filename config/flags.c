#include "config/complaint.h"
#include "config/sources.h"
#include "config/value.h"

#include <string.h>

const char *flags_ask(char **arguments, const struct option *option)
{
    const char letter[] = {'-', option->letter, '\0'};
    char name[NAME_TEXT_BYTES];
    option_name(option, NAME_FLAG, name);
    size_t length = strlen(name);
    for (char **argument = arguments; *argument != NULL; argument++) {
        const char *next = argument[1];
        if (strcmp(*argument, name) == 0 || strcmp(*argument, letter) == 0)
            return option->metavar != NULL && next != NULL && next[0] != '-' ? next : "";
        if (strncmp(*argument, name, length) == 0 && (*argument)[length] == '=')
            return *argument + length + 1;
    }
    return NULL;
}

/*
 * Returns the value of the flag at *argument, and moves *argument on if the value is the next one.
 * A next one that begins with -- is taken for a flag: a forgotten value is likelier than such a
 * value.
 */
static const char *take_value(const struct option *option, char ***argument, FILE *errors)
{
    const char *equals = strchr(**argument, '=');
    const char *next = (*argument)[1];
    char name[NAME_TEXT_BYTES];
    option_name(option, NAME_FLAG, name);
    if (option->metavar == NULL && equals == NULL)
        return "";
    if (option->metavar == NULL) {
        complain(errors, "%s: takes no value, but '%.80s' was given", name, equals + 1);
        return NULL;
    }
    if (equals != NULL)
        return equals + 1;
    if (next == NULL || strncmp(next, "--", 2) == 0) {
        complain(errors, "%s: needs a value: %s=%s", name, name, option->metavar);
        return NULL;
    }
    (*argument)++;
    return next;
}

bool flags_read(struct flags *flags, char **arguments, FILE *errors)
{
    *flags = (struct flags){{NULL}};
    for (char **argument = arguments; *argument != NULL; argument++) {
        const char *text = *argument;
        size_t length = strcspn(text, "=");
        const struct option *option = option_find(NAME_FLAG, text, length);
        if (option == NULL && text[0] != '-') {
            complain_operand(errors, text, length);
            return false;
        }
        if (option == NULL) {
            complain_unknown(errors, NAME_FLAG, "", text, length);
            return false;
        }
        const char **value = &flags->values[option - option_table];
        if (*value != NULL) {
            complain(errors, "%.*s: given twice; once is allowed", (int)length, text);
            return false;
        }
        *value = take_value(option, &argument, errors);
        if (*value == NULL)
            return false;
    }
    return true;
}

bool flags_apply(const struct flags *flags, struct config *config, FILE *errors)
{
    char name[NAME_TEXT_BYTES];
    for (size_t i = 0; i < OPTION_SETTINGS; i++) {
        const struct option *option = &option_table[i];
        if (flags->values[i] != NULL && !value_set(config, option, flags->values[i])) {
            option_name(option, NAME_FLAG, name);
            complain_value(errors, name, flags->values[i], option);
            return false;
        }
    }
    return true;
}
