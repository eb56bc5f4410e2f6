#include "server/ports/ports.h"

#include "server/ports/listen.h"
#include "server/ports/tls.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* sd_listen_fds(3): the first descriptor that is handed down. */
#define FIRST_INHERITED 3

static void say_where(struct sockets *sockets, const char *scheme, const char *address)
{
    size_t used = strlen(sockets->where);
    (void)snprintf(sockets->where + used, sizeof sockets->where - used, "%s%s%s",
                   used > 0 ? " " : "", scheme, address);
}

static bool add(struct sockets *sockets, struct listening listening)
{
    if (listening.fd < 0)
        return false;
    if (sockets->count == sockets->capacity) {
        int capacity = 2 * sockets->capacity + 8;
        struct listening *more = realloc(sockets->each, (size_t)capacity * sizeof *more);
        if (more == NULL) {
            (void)fprintf(stderr, "awaitd: cannot listen: out of memory\n");
            (void)close(listening.fd);
            return false;
        }
        sockets->each = more;
        sockets->capacity = capacity;
    }
    sockets->each[sockets->count++] = listening;
    return true;
}

/* ---- our own --------------------------------------------------------------------------------- */

/* What is special of a port, and how the start-up line calls it. */
struct kind {
    const char *scheme;
    bool is_admin;
    bool is_tls;
};

static const struct kind plain = {.scheme = "http://"};
static const struct kind with_tls = {.scheme = "https://", .is_tls = true};
static const struct kind for_operators = {.scheme = "admin:http://", .is_admin = true};

/* Port 0 becomes, for all, the one that the kernel chooses for the first. */
static bool open_port(struct sockets *sockets, const char *host, int64_t port, int threads,
                      const struct kind *kind)
{
    char text[80];
    struct listen_addresses addresses;
    if (!listen_resolve(host, port, &addresses))
        return false;
    for (int i = 0; i < addresses.count; i++) {
        for (int thread = 0; thread < threads; thread++) {
            int fd = listen_open(&addresses.each[i]);
            if (!add(sockets, (struct listening){.fd = fd,
                                                 .thread = thread,
                                                 .is_admin = kind->is_admin,
                                                 .is_tls = kind->is_tls}))
                return false;
        }
        if (i == 0)
            listen_share_port(&addresses);
        listen_print(&addresses.each[i].address, text, sizeof text);
        say_where(sockets, kind->scheme, text);
    }
    return true;
}

/* 0: there is none. */
static ino_t inode_of(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

static bool open_unix(struct sockets *sockets, const char *path)
{
    if (path[0] == '\0')
        return true;
    if (!add(sockets, (struct listening){.fd = listen_open_unix(path), .thread = SOCKET_OF_ALL}))
        return false;
    sockets->unix_path = path;
    sockets->unix_inode = inode_of(path);
    say_where(sockets, "unix:", path);
    return true;
}

/* ---- systemd's (sd_listen_fds(3)) ------------------------------------------------------------ */

static int count_inherited(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");
    if (pid == NULL || count == NULL || strtol(pid, NULL, 10) != getpid())
        return 0;
    return (int)strtol(count, NULL, 10);
}

static bool take_inherited(struct sockets *sockets, int count)
{
    char text[128];
    for (int fd = FIRST_INHERITED; fd < FIRST_INHERITED + count; fd++) {
        struct sockaddr_storage address;
        if (!listen_adopt(fd, &address))
            return false;
        if (!add(sockets,
                 (struct listening){.fd = fd, .thread = SOCKET_OF_ALL, .is_inherited = true}))
            return false;
        listen_print(&address, text, sizeof text);
        say_where(sockets, address.ss_family == AF_UNIX ? "unix:" : "http://", text);
    }
    return true;
}

bool sockets_open(struct sockets *sockets, const struct config *config, int thread_count)
{
    *sockets = (struct sockets){.each = NULL};
    int inherited = count_inherited();
    bool is_open = true;
    if (inherited > 0)
        is_open = take_inherited(sockets, inherited);
    else if (config->plain == CONFIG_ON)
        is_open = open_port(sockets, config->host, config->port, thread_count, &plain);
    if (is_open && tls_is_wanted(config))
        is_open = open_port(sockets, config->host, config->tls_port, thread_count, &with_tls);
    is_open = is_open && open_unix(sockets, config->unix_path);
    if (is_open && config->admin_port > 0)
        is_open = open_port(sockets, config->host, config->admin_port, 1, &for_operators);
    if (is_open)
        return true;
    for (int i = 0; i < sockets->count; i++)
        sockets->each[i].thread = SOCKET_OF_ALL;
    sockets_close(sockets);
    return false;
}

void sockets_close(struct sockets *sockets)
{
    /* A successor may have put its own there. The number is ours as long as our socket is open. */
    if (sockets->unix_path != NULL && inode_of(sockets->unix_path) == sockets->unix_inode)
        (void)unlink(sockets->unix_path);
    for (int i = 0; i < sockets->count; i++)
        if (sockets->each[i].thread == SOCKET_OF_ALL)
            (void)close(sockets->each[i].fd);
    free(sockets->each);
    *sockets = (struct sockets){.each = NULL};
}
