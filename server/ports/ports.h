/*
 * All sockets that awaitd listens on: its own for each loop (SO_REUSEPORT: the kernel spreads
 * connections over them), or those that systemd hands down, the Unix socket, and the admin port.
 *
 * Owner: struct server. Thread: the main one, before the loops start and after they have ended.
 */
#pragma once

#include "config/config.h"
#include <sys/types.h>

#define PORT_OF_ALL (-1)

struct port {
    int fd;
    int loop;          /* this loop owns and closes it; PORT_OF_ALL: ports_close() does */
    bool is_admin;     /* for operators */
    bool is_tls;       /* clients shake hands first */
    bool is_inherited; /* others may go on serving it */
};

struct ports {
    struct port *each;
    int count;
    const char *unix_path; /* the Unix socket's, or NULL */
    ino_t unix_inode;      /* tells whether the file at that path is still ours */
    char where[512];       /* all addresses, for the start-up line */
};

/* Opens all that the configuration names. False: one line on stderr says why; nothing is left
   open. */
bool ports_open(struct ports *ports, const struct config *config, int loop_count);

/* Closes the shared ones and removes the Unix socket. */
void ports_close(struct ports *ports);
