/*
 * A text that is made twice: first to count it, then into a buffer of that size. What the Python
 * view is made of. Thread: any; no state.
 */
#pragma once

#include "handlers/plan.h"

struct program {
    char *bytes; /* NULL: it is only counted */
    size_t length;
    const struct plan *plan;
};

void program_add(struct program *program, const char *text);
void program_add_number(struct program *program, uint64_t number);

/* Seconds, exactly: 1, 0.25 */
void program_add_delay(struct program *program, int64_t delay_ns);

/* A word that holds others is a function of its own, "race_2": its name, and all of it. */
void program_add_name(struct program *program, uint32_t at);
void program_add_function(struct program *program, uint32_t at);
