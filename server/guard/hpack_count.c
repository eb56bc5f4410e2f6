#include "server/guard/hpack_count.h"

/* libh2o reads no more than four bytes after an integer's first. */
#define LONGEST_SHIFT 28

/* An integer begins (RFC 7541, section 5.1). Returns whether it ends in the same byte. */
static bool begin_number(struct hpack_count *count, uint8_t byte, int prefix_bits)
{
    uint32_t most = (1U << prefix_bits) - 1;
    count->number = byte & most;
    count->shift = 0;
    return count->number < most;
}

static bool continue_number(struct hpack_count *count, uint8_t byte)
{
    count->number += (uint32_t)(byte & 0x7f) << count->shift;
    count->shift += 7;
    if ((byte & 0x80) != 0 && count->shift == LONGEST_SHIFT)
        count->part = HPACK_GIVEN_UP;
    return (byte & 0x80) == 0;
}

/* The five kinds of RFC 7541, section 6. An index of 0 says that the name follows as text. */
static void begin_field(struct hpack_count *count, uint8_t byte)
{
    bool is_literal = (byte & 0xc0) == 0x40 || (byte & 0xe0) == 0;
    int prefix_bits = (byte & 0x80) != 0 ? 7 : (byte & 0x40) != 0 ? 6 : (byte & 0x20) != 0 ? 5 : 4;
    bool is_whole = begin_number(count, byte, prefix_bits);
    count->fields++;
    if (!is_literal)
        count->next = HPACK_FIELD;
    else
        count->next = is_whole && count->number == 0 ? HPACK_NAME_LENGTH : HPACK_VALUE_LENGTH;
    count->part = is_whole ? count->next : HPACK_INDEX;
}

static void begin_text(struct hpack_count *count)
{
    count->part = count->number > 0 ? HPACK_TEXT : count->next;
}

static void begin_length(struct hpack_count *count, uint8_t byte)
{
    count->next = count->part == HPACK_NAME_LENGTH ? HPACK_VALUE_LENGTH : HPACK_FIELD;
    count->part = HPACK_LENGTH;
    if (begin_number(count, byte, 7))
        begin_text(count);
}

/* Returns how many of the bytes belong to the text. */
static size_t skip_text(struct hpack_count *count, size_t length)
{
    size_t skipped = length < count->number ? length : count->number;
    count->number -= (uint32_t)skipped;
    if (count->number == 0)
        count->part = count->next;
    return skipped;
}

static void step(struct hpack_count *count, uint8_t byte)
{
    switch (count->part) {
    case HPACK_FIELD:
        begin_field(count, byte);
        break;
    case HPACK_INDEX:
        if (continue_number(count, byte))
            count->part = count->next;
        break;
    case HPACK_NAME_LENGTH:
    case HPACK_VALUE_LENGTH:
        begin_length(count, byte);
        break;
    case HPACK_LENGTH:
        if (continue_number(count, byte))
            begin_text(count);
        break;
    case HPACK_TEXT:
    case HPACK_GIVEN_UP:
        break;
    }
}

void hpack_count(struct hpack_count *count, const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length && count->part != HPACK_GIVEN_UP;) {
        if (count->part == HPACK_TEXT) {
            at += skip_text(count, length - at);
        } else {
            step(count, bytes[at]);
            at++;
        }
    }
}
