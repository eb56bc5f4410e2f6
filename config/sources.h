/*
 * Where settings come from: flags, the environment and a JSON file. Each source sets what it holds
 * and leaves the rest alone, so the order in which they are applied is their precedence.
 *
 * Whatever can fail returns false after one complain() on `errors`; what was set until then stays
 * set. Private to config/. Thread: any; no state.
 */
#pragma once

#include "config/options.h"
#include <stdbool.h>
#include <stdio.h>

/* The command line, without the program name. Borrows from `arguments`. */
struct flags {
    const char *values[OPTION_COUNT]; /* one for each row of option_table; NULL if not given */
};

/* Returns the value of the first such flag, "" if it has none, or NULL if it was not given. A value
   is what follows the equals sign, or the next word unless that begins with a dash. */
const char *flags_ask(char **arguments, const struct option *option);

bool flags_read(struct flags *flags, char **arguments, FILE *errors);
bool flags_apply(const struct flags *flags, struct config *config, FILE *errors);

bool environment_apply(char **environment, struct config *config, FILE *errors);

/* Returns NULL if it is not set or empty. Borrows from `environment`. */
const char *environment_find(char **environment, const char *name);

/* Prints the settings in force as such a file: one JSON object, durations as "1.5s". */
void file_print(const struct config *config, FILE *output);

/* `named_by` is the flag or variable that gave `path`, for the message that it cannot be read. */
bool file_apply(const char *path, const char *named_by, struct config *config, FILE *errors);
