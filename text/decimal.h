/*
 * Numbers as programs write them: "16384", "0.1", "1e-05", "1E+06", "0.30000000000000004". That is
 * JSON's number (RFC 8259, section 6) without its sign, and with leading zeros, of any length.
 *
 * No floating point: what comes of a number is exact, or known not to be. Thread: any; no state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decimal {
    const char *digits; /* with at most one point among them; the caller's */
    size_t length;
    int64_t whole; /* so many digits stand before the point that the exponent has moved; may be
                      negative, or more than there are */
};

/* Reads the number that `length` bytes begin with. Returns how many bytes it takes; 0: none. */
size_t decimal_read(const char *text, size_t length, struct decimal *decimal);

/* The number times `unit`, at most 10^17; a fraction counts as a whole one, and INT64_MAX stands
   for all that is more. False: it had a fraction. */
bool decimal_times(const struct decimal *decimal, int64_t unit, int64_t *product);
