/*
 * A loop thread's listening sockets: accepting in batches, and giving way when descriptors run out.
 * Thread: the loop's.
 */
#pragma once

#include "server/ports/ports.h"

struct loop;

enum listeners {
    LISTENERS_OWN,
    LISTENERS_INHERITED,
    LISTENERS_ADMIN,
};

/* Watches a listening socket; owns it unless it is shared. Returns 0 or a negative libuv error. */
int listener_add(struct loop *loop, const struct port *port);

/* Accepts again after it had to stop for want of descriptors or memory. */
void listeners_resume(struct loop *loop);

/* Told to stop: nobody begins to connect to our own any more, while those who have begun still get
   in (handover.h). */
void listeners_refuse(struct loop *loop);

/* Takes on what waits in their queues, unless they were handed down, and closes them. */
void listeners_close(struct loop *loop, enum listeners kind);

bool listeners_are_open(const struct loop *loop, enum listeners kind);
