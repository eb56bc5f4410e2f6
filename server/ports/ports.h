/*
 * All sockets that awaitd listens on: its own for each loop thread (SO_REUSEPORT: the kernel
 * spreads connections over them), or those that systemd hands down, the Unix socket, and the admin
 * port.
 *
 * Thread: the main one, before the loops start and after they have ended.
 */
#pragma once

#include "config/config.h"
#include <sys/types.h>

#define PORT_OF_ALL (-1)

struct port {
    int fd;
    int loop;      /* whose it is, and who closes it; PORT_OF_ALL: shared, closed by ports_close()
                    */
    bool is_admin; /* for operators */
    bool is_tls;
    bool is_inherited; /* others may go on serving it */
};

struct ports {
    struct port *each;
    int count;
    int capacity;
    const char *unix_path; /* to be removed at the end, or NULL */
    ino_t unix_inode;      /* if it is still this */
    char where[512];       /* in words, for the start-up line */
};

/* Opens all that the configuration names. False: one line on stderr says
   why; nothing is left open. */
bool ports_open(struct ports *ports, const struct config *config, int loop_count);

/* Closes the shared ones and removes the Unix socket. */
void ports_close(struct ports *ports);
