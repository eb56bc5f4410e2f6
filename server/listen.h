/*
 * Opening the sockets that awaitd listens on. Each loop thread has a socket of its own for each
 * address (SO_REUSEPORT: the kernel spreads connections over them), and all share the Unix socket.
 *
 * Thread: the main one, before any loop thread starts. Owner of the descriptors: who asked for
 * them.
 */
#pragma once

#include "config/config.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#define LISTEN_ADDRESSES 8 /* the most that one host name may stand for */

struct listen_address {
    struct sockaddr_storage address;
    socklen_t length;
};

struct listen_addresses {
    struct listen_address each[LISTEN_ADDRESSES];
    int count;
};

/* Resolves host and port. False: one line on stderr says why. */
bool listen_resolve(const struct config *config, struct listen_addresses *addresses);

/*
 * Binds and listens. Port 0 in `address` is replaced by the one that the kernel chose. Accepted
 * sockets inherit TCP_NODELAY. Returns the descriptor, or -1: one line on stderr says why.
 */
int listen_open(struct listen_address *address);

/* Listens on a Unix socket, in the place of one that nobody serves any more. As listen_open(). */
int listen_open_unix(const char *path);

/* The address as it stands in a URL: "127.0.0.1:8080", "[::1]:8080". */
void listen_print(const struct listen_address *address, char *text, size_t size);
