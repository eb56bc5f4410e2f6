#include "server/telemetry/trace.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

#define LONGEST_ID 128

/* splitmix64 (Steele, Lea, Flood 2014): fast, and seeded by the kernel. Ids
   are names, not secrets. */
static uint64_t next_number(uint64_t *state)
{
    uint64_t mixed = *state += 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 31);
}

void id_source_init(struct id_source *source)
{
    if (getrandom(source->state, sizeof source->state, 0) != (ssize_t)sizeof source->state)
        source->state[0] = (uint64_t)time(NULL) ^ (uintptr_t)source;
}

/* Eight digits at once: each half-byte gets a byte of its own, and those above 9 go on at 'a'. */
static void put_hex(char *at, uint32_t number)
{
    uint64_t halves = number;
    halves = (halves | halves << 16) & 0x0000FFFF0000FFFF;
    halves = (halves | halves << 8) & 0x00FF00FF00FF00FF;
    halves = (halves | halves << 4) & 0x0F0F0F0F0F0F0F0F;
    uint64_t above_9 = (halves + 0x0606060606060606) >> 4 & 0x0101010101010101;
    uint64_t digits = halves + 0x3030303030303030 + above_9 * ('a' - '0' - 10);
    memcpy(at, &digits, sizeof digits);
}

void id_make(struct id_source *source, char id[ID_BYTES])
{
    for (size_t half = 0; half < 2; half++) {
        uint64_t number = next_number(&source->state[half]);
        put_hex(id + half * 16, (uint32_t)number);
        put_hex(id + half * 16 + 8, (uint32_t)(number >> 32));
    }
    id[ID_BYTES - 1] = '\0';
}

bool id_is_well_formed(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char byte = bytes[i];
        bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        bool is_digit = byte >= '0' && byte <= '9';
        if (!is_letter && !is_digit && byte != '.' && byte != '_' && byte != '-')
            return false;
    }
    return length >= 1 && length <= LONGEST_ID;
}

static bool is_hex(const char *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!(at[i] >= '0' && at[i] <= '9') && !(at[i] >= 'a' && at[i] <= 'f'))
            return false;
    return true;
}

static bool is_id(const char *at, size_t count)
{
    static const char zeros[] = "00000000000000000000000000000000";
    return is_hex(at, count) && memcmp(at, zeros, count) != 0;
}

/* "00-<32>-<16>-<2>"; a later version may have more behind another '-'. W3C Trace Context, 3.2. */
struct trace trace_parse(const char *bytes, size_t length)
{
    if (length < 55 || bytes[2] != '-' || bytes[35] != '-' || bytes[52] != '-')
        return (struct trace){NULL, NULL};
    bool is_version_0 = memcmp(bytes, "00", 2) == 0;
    bool is_whole = length == 55 || (!is_version_0 && bytes[55] == '-');
    bool is_version = is_hex(bytes, 2) && memcmp(bytes, "ff", 2) != 0;
    if (!is_version || !is_whole || !is_id(bytes + 3, TRACE_ID_DIGITS) ||
        !is_id(bytes + 36, SPAN_ID_DIGITS) || !is_hex(bytes + 53, 2))
        return (struct trace){NULL, NULL};
    return (struct trace){.trace_id = bytes + 3, .span_id = bytes + 36};
}
