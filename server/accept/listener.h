/*
 * A loop's listening sockets: accepting in batches, and giving way when descriptors run out.
 *
 * Owner: struct worker embeds them; a listener owns its descriptor unless all loops share it.
 * Thread: the loop's, but for listener_add(), which comes before it turns.
 */
#pragma once

#include "server/loop/loop.h"
#include "server/ports/ports.h"

#define LISTENERS 32 /* of one loop */

struct listener {
    uv_poll_t poll;
    struct listeners *all; /* those of its loop */
    struct port port;
    bool is_open; /* watched, or paused; false once it is closed */
};

struct listeners {
    struct loop *loop;
    struct listener each[LISTENERS];
    int count;
    bool has_paused; /* for want of descriptors or memory */
};

/* They are closed at different times of a drain: in this order but for the first two. */
enum listener_kind {
    LISTENERS_OWN,       /* once nobody can begin to connect to it any more */
    LISTENERS_INHERITED, /* at once, as others may go on serving it */
    LISTENERS_ADMIN,     /* last, so that operators can look on */
};

/* Watches a listening socket. Returns 0 or a negative libuv error. */
int listener_add(struct listeners *listeners, const struct port *port);

/* Accepts again after it had to stop. */
void listeners_resume(struct listeners *listeners);

/* Told to stop: nobody begins to connect to our own any more, while those who have begun still get
   in (docs/decisions/0010-leaving-a-port.md). */
void listeners_refuse(struct listeners *listeners);

/* Takes on what waits in their queues, unless they were handed down, and closes them. */
void listeners_close(struct listeners *listeners, enum listener_kind kind);

bool listeners_are_open(const struct listeners *listeners, enum listener_kind kind);
