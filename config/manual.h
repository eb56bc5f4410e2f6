/*
 * The option table for documents: rows of the README's table, and the man page's section on
 * options. Private to config/. Thread: any; no state.
 */
#pragma once

#include "config/options.h"

#include <stdio.h>

/* The settings as a table in Markdown, a row for each. */
void manual_print_markdown(FILE *output);

/* All options in roff, under a title for each group. */
void manual_print_man(FILE *output);
