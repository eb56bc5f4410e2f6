/*
 * The first lines on a terminal, for whoever has just started awaitd: where it listens, as links;
 * what to try; how to stop it. Elsewhere notice_listening() tells the same to machines.
 *
 * Thread: the main one, before the log's writer has anything to write.
 */
#pragma once

#include "config/config.h"
#include <stdbool.h>
#include <stdio.h>

/* Whether standard output is a terminal that a person reads; not with --log off or json. */
bool greeting_is_wanted(const struct config *config);

/* `where` is what struct ports says. Colours are left out where NO_COLOR (no-color.org) is set or
   the terminal has none. */
void greeting_print(FILE *output, const char *where, const struct config *config);
