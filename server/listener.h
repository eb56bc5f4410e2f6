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

/* Takes on what the kernel has accepted already, then closes. */
void listeners_close(struct loop_thread *thread);
