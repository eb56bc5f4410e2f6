/*
 * Room to keep on working in when memory is limited (ulimit -v, LimitAS=). libh2o ends the process
 * when it is given none, so nothing new is begun unless some is left beyond it: whoever takes on
 * more says about how much, and each time that this has added up, a probe maps the reserve and
 * gives it back. What ends gives its share back, so a steady load costs no probe.
 * docs/decisions/0015-headroom.md.
 *
 * One for each loop thread. Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What a connection takes, and a request beside its run: what libh2o and libuv have, rounded up. */
#define HEADROOM_CONNECTION_BYTES ((size_t)16 * 1024)
#define HEADROOM_REQUEST_BYTES    ((size_t)16 * 1024)

struct headroom {
    size_t reserve_bytes;
    size_t grown_bytes; /* since the last probe, about */
    bool is_short;      /* at the last probe */
};

void headroom_init(struct headroom *headroom, int thread_count);

/* Whether something new of so many bytes may be begun. */
bool headroom_allows(struct headroom *headroom, size_t bytes);

/* Whether there are so many for something that has begun already, if only to refuse it: that may go
   deep into the reserve. */
bool headroom_spares(struct headroom *headroom, size_t bytes);

/* What was allowed has ended. */
void headroom_give_back(struct headroom *headroom, size_t bytes);
