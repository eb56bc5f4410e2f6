#include "server/telemetry/trace.h"

#include "server/http/request.h"
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define LONGEST_ID   128
#define DIGITS_OF_ID 32

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

static const char *make_id(struct request *request)
{
    struct id_source *source = &request->loop->ids;
    char *id = h2o_mem_alloc_pool(&request->req->pool, DIGITS_OF_ID + 1);
    for (int half = 0; half < 2; half++) {
        uint64_t number = next_number(&source->state[half]);
        put_hex(id + half * DIGITS_OF_ID / 2, (uint32_t)number);
        put_hex(id + half * DIGITS_OF_ID / 2 + 8, (uint32_t)(number >> 32));
    }
    id[DIGITS_OF_ID] = '\0';
    return id;
}

static bool is_well_formed(h2o_iovec_t id)
{
    for (size_t i = 0; i < id.len; i++) {
        char byte = id.base[i];
        bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        bool is_digit = byte >= '0' && byte <= '9';
        if (!is_letter && !is_digit && byte != '.' && byte != '_' && byte != '-')
            return false;
    }
    return id.len >= 1 && id.len <= LONGEST_ID;
}

static h2o_iovec_t header_of(const h2o_req_t *req, const char *name)
{
    ssize_t at = h2o_find_header_by_str(&req->headers, name, strlen(name), -1);
    return at == -1 ? (h2o_iovec_t){NULL, 0} : req->headers.entries[at].value;
}

const char *request_id(struct request *request)
{
    if (request->id != NULL)
        return request->id;
    h2o_iovec_t given = header_of(request->req, "x-request-id");
    request->id = is_well_formed(given)
                      ? h2o_strdup(&request->req->pool, given.base, given.len).base
                      : make_id(request);
    return request->id;
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
struct trace trace_of(const h2o_req_t *req)
{
    struct trace none = {{NULL, 0}, {NULL, 0}};
    h2o_iovec_t parent = header_of(req, "traceparent");
    const char *at = parent.base;
    if (parent.len < 55 || at[2] != '-' || at[35] != '-' || at[52] != '-')
        return none;
    bool is_version_0 = memcmp(at, "00", 2) == 0;
    bool is_whole = parent.len == 55 || (!is_version_0 && at[55] == '-');
    bool is_version = is_hex(at, 2) && memcmp(at, "ff", 2) != 0;
    if (!is_version || !is_whole || !is_id(at + 3, 32) || !is_id(at + 36, 16) ||
        !is_hex(at + 53, 2))
        return none;
    return (struct trace){{parent.base + 3, 32}, {parent.base + 36, 16}};
}
