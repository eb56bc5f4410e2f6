/*
 * A notice: a line in the log that tells of no request, as JSON for machines or as a sentence for
 * people. Written once, from the same fields. Thread: any; no state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Room for the longest, which says where awaitd listens. */
#define NOTICE_BYTES 4096

/* A word, or a number where there is none. The last of a list has no key. */
struct field {
    const char *key;
    const char *word;
    double number; /* exact up to 2^53 when it is whole */
    int decimals;
};

struct notice {
    const char *level;
    const char *msg;
    const char *sentence; /* "{key}" stands for that field's value, "{time}" for the time */
    const struct field *fields;
};

/* Writes one line, with its newline and without a NUL. Returns its length. */
size_t notice_put(char line[NOTICE_BYTES], bool is_json, const struct notice *notice);
