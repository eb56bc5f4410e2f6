/*
 * Room to keep on working in when memory is limited (ulimit -v, LimitAS=). libh2o ends the process
 * when malloc() gives it none, so nothing new is begun unless a reserve is left beyond it. Whoever
 * takes on more says about how much; when that has added up, the kernel and malloc() are asked what
 * is left. What ends gives its share back, so a steady load asks nothing; without a limit nobody
 * ever does. docs/decisions/0015-headroom.md.
 *
 * One for each loop thread. Thread: the loop's, but for headroom_init() and _close().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What a connection takes, and a request beside its run: what libh2o and libuv have, rounded up. */
#define HEADROOM_CONNECTION_BYTES ((size_t)16 * 1024)
#define HEADROOM_REQUEST_BYTES    ((size_t)16 * 1024)

struct headroom {
    size_t limit_bytes; /* of address space; 0: none */
    size_t reserve_bytes;
    size_t grown_bytes; /* since it was last asked, about */
    bool is_short;      /* when it was last asked */
    int statm_fd;       /* kept open: there may be no descriptor when it is needed */
};

/* Before any thread starts: with a limit they all share one arena of malloc(), as glibc would
   reserve 64 MiB of addresses for each. */
void headroom_init(struct headroom *headroom, int loop_count);
void headroom_close(struct headroom *headroom);

/* Whether something new of so many bytes may be begun. */
bool headroom_for_new(struct headroom *headroom, size_t bytes);

/* Whether there are so many for something that has begun already, if only to refuse it: that may go
   deep into the reserve. */
bool headroom_for_refusal(struct headroom *headroom, size_t bytes);

/* What was allowed has ended. */
void headroom_give_back(struct headroom *headroom, size_t bytes);
