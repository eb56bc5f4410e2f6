/*
 * One option, three spellings: --max-delay, AWAITD_MAX_DELAY and the JSON key max_delay.
 * Private to config/. Thread: any; no state.
 */
#pragma once

#include "config/options.h"

#include <stddef.h>

#define VARIABLE_PREFIX "AWAITD_"

/* Room for any spelling of any option, with its NUL. */
#define NAME_TEXT_BYTES 64

enum name_style {
    NAME_FLAG,
    NAME_VARIABLE,
    NAME_KEY,
};

/* How the option is written in that style. */
void name_write(const struct option *option, enum name_style style, char text[NAME_TEXT_BYTES]);

/* The option written exactly so, of those that the style can name; NULL: none. */
const struct option *name_find(enum name_style style, const char *text, size_t length);

/* The option that was probably meant by an unknown name, whatever its case and dashes; or NULL. */
const struct option *name_nearest(enum name_style style, const char *text, size_t length);
