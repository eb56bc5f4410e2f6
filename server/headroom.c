#include "server/headroom.h"

#include <sys/mman.h>

/* All threads may grow by this between two probes. */
#define PROBE_EVERY_BYTES ((size_t)512 * 1024)

#define RESERVE_BYTES            ((size_t)4 << 20)
#define RESERVE_PER_THREAD_BYTES ((size_t)1 << 20)

/* As malloc() would ask for it, so it fails where malloc() would. No page of it is touched. */
static bool is_there(size_t bytes)
{
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return false;
    (void)munmap(pages, bytes);
    return true;
}

void headroom_init(struct headroom *headroom, int thread_count)
{
    *headroom = (struct headroom){.reserve_bytes = RESERVE_BYTES +
                                                   RESERVE_PER_THREAD_BYTES * (size_t)thread_count};
}

bool headroom_allows(struct headroom *headroom, size_t bytes)
{
    headroom->grown_bytes += bytes;
    if (!headroom->is_short && headroom->grown_bytes < PROBE_EVERY_BYTES)
        return true;
    headroom->grown_bytes = 0;
    headroom->is_short = !is_there(headroom->reserve_bytes + bytes);
    return !headroom->is_short;
}

bool headroom_spares(struct headroom *headroom, size_t bytes)
{
    return headroom_allows(headroom, bytes) || is_there(headroom->reserve_bytes / 4 + bytes);
}

void headroom_give_back(struct headroom *headroom, size_t bytes)
{
    headroom->grown_bytes -= bytes < headroom->grown_bytes ? bytes : headroom->grown_bytes;
}
