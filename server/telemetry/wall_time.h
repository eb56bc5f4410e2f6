/*
 * The time of day as the log has it. gmtime_r() and strftime() cost more than all the rest of a
 * line, so the last second is kept. Thread: the record's owner.
 */
#pragma once

#include <stdint.h>

/* "2025-01-31T12:00:00.123Z" (RFC 3339), without a NUL. */
#define WALL_TIME_BYTES 24

/* The last time that was asked for, as text. Zeroed: none. */
struct wall_time {
    int64_t second;
    char text[32];
};

/* WALL_TIME_BYTES and a NUL; valid until the next call. */
const char *wall_time_text(struct wall_time *time, int64_t second, int milliseconds);
