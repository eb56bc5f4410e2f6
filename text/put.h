/*
 * Writing text forward into a buffer that is known to have room, with a NUL nowhere: each put_
 * returns where the next one goes on. For answers and log lines, where printf() would be most of
 * the work. Thread: any; no state.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline char *put_bytes(char *at, const char *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

static inline char *put_text(char *at, const char *text)
{
    return put_bytes(at, text, strlen(text));
}

/* At most 20 bytes. */
char *put_number(char *at, uint64_t number);

/* Seconds with `decimals` digits, 0 to 9, cut and not rounded, so that what is shown never exceeds
   the truth; a negative duration is 0. At most 30 bytes. */
char *put_seconds(char *at, int64_t duration_ns, int decimals);

/* Milliseconds with three. At most 30 bytes. */
static inline char *put_milliseconds(char *at, int64_t duration_ns)
{
    /* Seconds of a thousandth of a nanosecond each are milliseconds. */
    return put_seconds(at, duration_ns < INT64_MAX / 1000 ? duration_ns * 1000 : INT64_MAX, 3);
}

/* The inside of a JSON string (RFC 8259, section 7) that says any `length` bytes; at most 6 for
   each. Bytes from 0x80 are taken as Latin-1, so that the result is always valid. */
char *put_json_escaped(char *at, const char *bytes, size_t length);
