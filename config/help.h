/*
 * The option table for people.
 * Private to config/. Thread: any; no state.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/*
 * `form` is "" for --help, at most 80 columns wide; "markdown" for the README's table of the
 * settings; or "man" for the man page's section on options, in roff. False, with nothing printed,
 * if there is no such form.
 */
bool help_print(FILE *output, const char *form);
