/*
 * The option table for people.
 * Private to config/. Thread: any; no state.
 */
#pragma once

#include <stdio.h>

/* At most 80 columns wide. */
void help_print(FILE *output);

/* The README's table of the settings. */
void help_print_markdown(FILE *output);

/* The man page's section on options, in roff. */
void help_print_man(FILE *output);
