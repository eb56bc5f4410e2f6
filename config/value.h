/*
 * One value: from text into its field of struct config, back to text, and what is allowed in it.
 * Private to config/. Thread: any; no state.
 */
#pragma once

#include "config/options.h"
#include "text/duration.h"
#include "text/names.h"

/* Room for any number of any kind, with its NUL. */
#define VALUE_TEXT_BYTES DURATION_TEXT_BYTES

/* Room for any sentence on what is allowed, and so for any list of choices, with its NUL. */
#define VALUE_ALLOWED_BYTES NAME_LIST_BYTES

/* Sets the option's field. False, with nothing changed, if `text` is not allowed. */
bool value_set(struct config *config, const struct option *option, const char *text);

/* The field of an option of KIND_TEXT. */
const char *value_text(const struct config *config, const struct option *option);

/* The field of an option of any other kind. */
int64_t value_number(const struct config *config, const struct option *option);

/* Writes a number as value_set() reads it: "1.5s", "64KiB", "json", "8080". */
void value_write(const struct option *option, int64_t number, char text[VALUE_TEXT_BYTES]);

/* What is allowed, as "0s to 86400s", "text, json or off" or "0 to 107 bytes". */
void value_range(const struct option *option, char text[VALUE_ALLOWED_BYTES]);

/* The same for a sentence, with its kind: "a duration from 0s to 86400s, such as 250ms". */
void value_allowed(const struct option *option, char text[VALUE_ALLOWED_BYTES]);

/* Frees the option's field if it is a text. */
void value_free(struct config *config, const struct option *option);
