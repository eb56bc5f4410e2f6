/*
 * What is wrong with the configuration, as one line that no input can break or colour.
 * Private to config/. Thread: any; no state.
 */
#pragma once

#include "config/options.h"
#include <stdio.h>

/* Prints "awaitd: ", the message with all but printable ASCII as \xNN, and a line feed. */
void complain(FILE *errors, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says that `given` is not allowed, and what is. `source` is where it was given: "--port",
   "AWAITD_PORT", "FILE: key \"port\"". */
void complain_value(FILE *errors, const char *source, const char *given,
                    const struct option *option);

/* Says that there is no such option, and which one may be meant. `where` leads the name: "", or the
   file and "key ". */
void complain_unknown(FILE *errors, enum name_style style, const char *where, const char *name,
                      size_t length);
/* Says that a word without dashes is no flag. */
void complain_operand(FILE *errors, const char *word, size_t length);
