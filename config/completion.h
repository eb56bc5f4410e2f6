/*
 * The option table for shells: a script that completes awaitd's flags and their values.
 * Private to config/. Thread: any; no state.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* `shell` is "bash", "zsh" or "fish". False, with nothing printed, if it is another. */
bool completion_print(FILE *output, const char *shell);
