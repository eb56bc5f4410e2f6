/*
 * Opening one socket to listen on; ports.c decides which.
 *
 * Thread: the main one, before any loop turns, unless a function says another. Owner of the
 * descriptors: whoever asks for them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define LISTEN_ADDRESSES 8 /* the most that one host name may stand for */

struct listen_address {
    struct sockaddr_storage address;
    socklen_t length;
};

struct listen_addresses {
    struct listen_address each[LISTEN_ADDRESSES];
    int count;
};

/* Resolves host and port. False: `why` says why. */
bool listen_resolve(const char *host, int64_t port, struct listen_addresses *addresses,
                    const char **why);

/* All addresses behind it get the port of the one at `from`. */
void listen_share_port(struct listen_addresses *addresses, int from);

/*
 * Binds and listens. Port 0 in `address` is replaced by the one that the kernel chose. Accepted
 * sockets inherit TCP_NODELAY. Returns the descriptor or a negative errno.
 */
int listen_open(struct listen_address *address);

/* Listens on a Unix socket, in the place of one that nobody serves any more. As listen_open(). */
int listen_open_unix(const char *path);

/* Takes a listening socket that was handed down, and says where it listens. False: it is none, and
   one line on stderr says so. */
bool listen_adopt(int fd, struct sockaddr_storage *address);

/* Told to stop: the kernel drops whoever begins to connect to it, while handshakes that have begun
   still end (docs/decisions/0010-leaving-a-port.md). Does nothing without the privilege that some
   kernels want for it. Thread: the loop's that listens on it. */
void listen_refuse(int fd);

/* The address as it stands in a URL: "127.0.0.1:8080", "[::1]:8080"; of a Unix socket its path. */
void listen_print(const struct sockaddr_storage *address, char *text, size_t size);
