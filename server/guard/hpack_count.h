/*
 * Counts the fields of an HPACK header block (RFC 7541, section 6) without decoding them: lengths
 * are enough to step from one to the next, also where the block is cut into several frames.
 *
 * libh2o has no limit on them, and a field of one byte costs it up to 120 bytes of memory. What it
 * would not decode need not be counted: at the first integer that is too long for it, it gives up.
 *
 * Thread: any. A zeroed counter is at the beginning of a block.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hpack_part {
    HPACK_FIELD,        /* a new field, or a change of the table's size, which counts as one */
    HPACK_INDEX,        /* the rest of its index */
    HPACK_NAME_LENGTH,  /* first byte of it; */
    HPACK_VALUE_LENGTH, /* the same */
    HPACK_LENGTH,       /* the rest of either */
    HPACK_TEXT,         /* a name or value, to be stepped over */
    HPACK_GIVEN_UP,     /* libh2o will not get beyond this point */
};

struct hpack_count {
    enum hpack_part part;
    enum hpack_part next; /* after the index, or after the text */
    uint32_t number;      /* the integer that is being read; bytes left of a text */
    int shift;            /* of its next seven bits */
    size_t fields;
};

void hpack_count(struct hpack_count *count, const uint8_t *bytes, size_t length);
