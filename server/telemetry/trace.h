/*
 * Which request a line in a log belongs to: X-Request-Id, and W3C Trace Context's traceparent.
 * Pure functions over bytes. Thread: any, but for an id_source only the loop's that has it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes ids that no two processes or threads share by chance; one for each loop. */
struct id_source {
    uint64_t state[2];
};

void id_source_init(struct id_source *source);

#define ID_BYTES 33

/* 32 hexadecimal digits and a NUL. */
void id_make(struct id_source *source, char id[ID_BYTES]);

/* Whether it may stand for a request: 1 to 128 of [A-Za-z0-9._-]. */
bool id_is_well_formed(const char *bytes, size_t length);

#define TRACE_ID_DIGITS 32
#define SPAN_ID_DIGITS  16

/* The ids of a traceparent, as they stand in it; both NULL where it is malformed. */
struct trace {
    const char *trace_id; /* TRACE_ID_DIGITS, hexadecimal */
    const char *span_id;  /* SPAN_ID_DIGITS: the caller's span */
};

struct trace trace_parse(const char *bytes, size_t length);
