/*
 * The option table for people: one screen, one group, or all of it.
 * Private to config/. Thread: any; no state.
 */
#pragma once

#include "config/options.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * `form` is "" for what fits on a screen (24 lines of 80 columns); "all"; a group's name;
 * "markdown" for the README's table of the settings; or "man" for the man page's section on
 * options, in roff. False, with nothing printed, if there is no such form.
 */
bool help_print(FILE *output, const char *form);

/* Room for the names of all forms. */
#define HELP_FORMS_BYTES 96

/* Writes them in a row: "all, listening, ..., markdown or man", or with spaces in between. */
void help_write_forms(const char *between, const char *last, char forms[HELP_FORMS_BYTES]);
