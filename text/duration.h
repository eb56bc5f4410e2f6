/*
 * Durations as people and programs write them: "1s", "250ms", "1.5s", "20us", "15ns", "2m", or
 * plain seconds: "2", "1e-05", "0.30000000000000004".
 *
 * There is no floating point, so "0.1s" is exactly 100,000,000 ns. What is finer than a nanosecond
 * makes one more, so that nobody is early (docs/decisions/0022-numbers.md). There is no sign and no
 * white space. Units are case-sensitive: ns us ms s m.
 *
 * Thread: any; no state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_US     1000LL
#define NS_PER_MS     1000000LL
#define NS_PER_SECOND 1000000000LL

/* Room for any duration as duration_print() writes it, with its NUL. */
#define DURATION_TEXT_BYTES 32

/* Reads `length` bytes, without a NUL; INT64_MAX stands for all that is longer. False if they are
   no duration. */
bool duration_parse(const char *text, size_t length, int64_t *duration_ns);

/*
 * Writes the shortest exact form in the largest unit, s at most, that leaves a whole part: "1.5s",
 * "250ms", "60s", "0s". `duration_ns` is not negative. duration_parse() reads it back exactly.
 */
void duration_print(int64_t duration_ns, char text[DURATION_TEXT_BYTES]);
