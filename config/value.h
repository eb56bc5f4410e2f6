/*
 * One value: from text into its field of struct config, back to text, and what is allowed in it.
 * Private to config/. Thread: any; no state.
 */
#pragma once

#include "config/options.h"

/* Room for any number of any kind, and for any sentence on what is allowed, with its NUL. */
#define VALUE_TEXT_BYTES    32
#define VALUE_ALLOWED_BYTES 128

/* Sets the option's field. False, and nothing changed: `text` is not allowed. */
bool value_set(struct config *config, const struct option *option, const char *text);

/* The field of an option that is of KIND_TEXT, or of any other kind. */
const char *value_text(const struct config *config, const struct option *option);
int64_t value_number(const struct config *config, const struct option *option);

/* Writes a number as value_set() reads it: "1.5s", "64KiB", "json", "8080". */
void value_write(const struct option *option, int64_t number, char text[VALUE_TEXT_BYTES]);

/* "0s to 86400s", "text, json or off", "0 to 107 bytes". */
void value_range(const struct option *option, char text[VALUE_ALLOWED_BYTES]);

/* The same with its kind, for a sentence: "a duration from 0s to 86400s, such as 250ms". */
void value_allowed(const struct option *option, char text[VALUE_ALLOWED_BYTES]);

/* Frees the option's field if it is a text. */
void value_free(struct config *config, const struct option *option);
