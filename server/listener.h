/*
 * A loop thread's listening sockets: accepting in batches, and giving way when descriptors run out.
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>

struct loop_thread;

/* Watches a listening descriptor; owns it if `owns_fd`. Returns 0 or a negative libuv error. */
int listener_add(struct loop_thread *thread, int fd, bool owns_fd);

/* Accepts again after it had to stop for want of descriptors or memory. */
void listeners_resume(struct loop_thread *thread);

/*
 * Told to stop: nobody begins to connect any more, while those who have begun still get in, for
 * whom the listeners stay open a little longer. Were they closed at once, the kernel would reset
 * whoever it has accepted since we last looked. Who comes too late on TCP is not refused but
 * unheard: he tries again a second later, and finds the port closed, or its next owner.
 */
void listeners_let_nobody_in(struct loop_thread *thread);

/* Takes on what the kernel has accepted already, then closes. A second time it does nothing. */
void listeners_close(struct loop_thread *thread);
