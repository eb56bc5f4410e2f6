#include "server/loop/headroom.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Each thread may grow by this before it asks. */
#define ASK_EVERY_BYTES ((size_t)512 * 1024)

#define RESERVE_BYTES            ((size_t)4 << 20)
#define RESERVE_PER_THREAD_BYTES ((size_t)1 << 20)

/* ---- what is left ---------------------------------------------------------------------------- */

/* What the kernel would still give. 0 also where it does not say. */
static size_t unmapped_bytes(const struct headroom *headroom)
{
    char text[64];
    ssize_t length = pread(headroom->statm_fd, text, sizeof text - 1, 0);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    size_t used_bytes = strtoul(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
    return used_bytes < headroom->limit_bytes ? headroom->limit_bytes - used_bytes : 0;
}

/* malloc() has kept what was freed, but in pieces: one of `bytes` must be among them. */
static bool has_piece(size_t bytes)
{
    void *piece = malloc(bytes + 1);
    free(piece);
    return piece != NULL;
}

static bool is_there(const struct headroom *headroom, size_t bytes, size_t reserve_bytes)
{
    size_t wanted_bytes = bytes + reserve_bytes;
    size_t unmapped = unmapped_bytes(headroom);
    return unmapped >= wanted_bytes ||
           (unmapped + mallinfo2().fordblks >= wanted_bytes && has_piece(bytes));
}

/* ---- asking ---------------------------------------------------------------------------------- */

void headroom_init(struct headroom *headroom, int loop_count)
{
    struct rlimit limit;
    *headroom = (struct headroom){.statm_fd = -1};
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return;
    (void)mallopt(M_ARENA_MAX, 1);
    headroom->limit_bytes = limit.rlim_cur;
    headroom->reserve_bytes = RESERVE_BYTES + RESERVE_PER_THREAD_BYTES * (size_t)loop_count;
    headroom->statm_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

void headroom_close(struct headroom *headroom)
{
    if (headroom->statm_fd >= 0)
        (void)close(headroom->statm_fd);
}

bool headroom_for_new(struct headroom *headroom, size_t bytes)
{
    headroom->grown_bytes += bytes;
    bool is_asking = headroom->is_short || headroom->grown_bytes >= ASK_EVERY_BYTES;
    if (headroom->limit_bytes == 0 || !is_asking)
        return true;
    headroom->grown_bytes = 0;
    headroom->is_short = !is_there(headroom, bytes, headroom->reserve_bytes);
    return !headroom->is_short;
}

bool headroom_for_refusal(struct headroom *headroom, size_t bytes)
{
    return headroom_for_new(headroom, bytes) ||
           is_there(headroom, bytes, headroom->reserve_bytes / 4);
}

void headroom_give_back(struct headroom *headroom, size_t bytes)
{
    headroom->grown_bytes -= bytes < headroom->grown_bytes ? bytes : headroom->grown_bytes;
}
