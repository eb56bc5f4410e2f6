#include "server/ports/ports.h"

#include "server/ports/listen.h"
#include "server/ports/tls.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* sd_listen_fds(3): the first descriptor that is handed down. */
#define FIRST_INHERITED 3

static void say_where(struct ports *ports, const char *scheme, const char *address)
{
    size_t used = strlen(ports->where);
    (void)snprintf(ports->where + used, sizeof ports->where - used, "%s%s%s", used > 0 ? " " : "",
                   scheme, address);
}

static bool cannot_listen(const char *where, const char *why)
{
    (void)fprintf(stderr, "awaitd: cannot listen on %s: %s\n", where, why);
    return false;
}

/* HOST is what other programs call this machine, or what they were built for: whoever set it may
   never have heard of awaitd. `where` is "" when it is no address at all. */
static bool cannot_listen_there(const struct config *config, const char *where, const char *why)
{
    char text[400];
    (void)snprintf(text, sizeof text, "host '%s'%s%s", config->host, where[0] != '\0' ? ", " : "",
                   where);
    if (!config->host_is_from_HOST)
        return cannot_listen(where[0] != '\0' ? where : text, why);
    (void)fprintf(stderr,
                  "awaitd: HOST: cannot listen on %s: %s; AWAITD_HOST or --host overrules the "
                  "variable HOST\n",
                  text, why);
    return false;
}

static void add(struct ports *ports, struct port port)
{
    ports->each[ports->count++] = port;
}

/* ---- our own --------------------------------------------------------------------------------- */

/*
 * Opens one for each address and each loop, as `port` but for these. Port 0 becomes, for all, the
 * one that the kernel chooses for the first. A name may stand for more addresses than this machine
 * has: localhost for ::1, where there is no IPv6. Those are passed over as long as one is left.
 */
static bool open_port(struct ports *ports, const char *scheme, const struct config *config,
                      int64_t number, int loops, struct port port)
{
    char text[80] = "";
    struct listen_addresses addresses;
    const char *why;
    bool is_open = false;
    if (!listen_resolve(config->host, number, &addresses, &why))
        return cannot_listen_there(config, text, why);
    for (int i = 0; i < addresses.count; i++) {
        listen_print(&addresses.each[i].address, text, sizeof text);
        port.fd = 0;
        for (port.loop = 0; port.loop < loops && port.fd >= 0; port.loop++) {
            port.fd = listen_open(&addresses.each[i]);
            if (port.fd >= 0)
                add(ports, port);
        }
        if (port.fd < 0) {
            why = strerror(-port.fd);
            if (port.fd == -EADDRNOTAVAIL || port.fd == -EAFNOSUPPORT)
                continue;
            return cannot_listen_there(config, text, why);
        }
        if (!is_open)
            listen_share_port(&addresses, i);
        is_open = true;
        listen_print(&addresses.each[i].address, text, sizeof text);
        say_where(ports, scheme, text);
    }
    return is_open || cannot_listen_there(config, text, why);
}

/* 0: there is none. */
static ino_t inode_of(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

static bool open_unix(struct ports *ports, const char *path)
{
    if (path[0] == '\0')
        return true;
    int fd = listen_open_unix(path);
    if (fd < 0)
        return cannot_listen(path, strerror(-fd));
    add(ports, (struct port){.fd = fd, .loop = PORT_OF_ALL});
    ports->unix_path = path;
    ports->unix_inode = inode_of(path);
    say_where(ports, "unix:", path);
    return true;
}

/* ---- systemd's (sd_listen_fds(3)) ------------------------------------------------------------ */

/* How many descriptors were handed down to this process. */
static int count_inherited(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");
    bool is_ours = pid != NULL && count != NULL && strtol(pid, NULL, 10) == getpid();
    return is_ours ? (int)strtol(count, NULL, 10) : 0;
}

static bool take_inherited(struct ports *ports, int count)
{
    char text[128];
    for (int fd = FIRST_INHERITED; fd < FIRST_INHERITED + count; fd++) {
        struct sockaddr_storage address;
        if (!listen_adopt(fd, &address))
            return false;
        add(ports, (struct port){.fd = fd, .loop = PORT_OF_ALL, .is_inherited = true});
        listen_print(&address, text, sizeof text);
        say_where(ports, address.ss_family == AF_UNIX ? "unix:" : "http://", text);
    }
    return true;
}

bool ports_open(struct ports *ports, const struct config *config, int loop_count)
{
    *ports = (struct ports){.each = NULL};
    int inherited = count_inherited();
    /* Two ports of each loop, the admin port, and the Unix socket. */
    size_t most = (size_t)LISTEN_ADDRESSES * (2 * (size_t)loop_count + 1) + 1;
    most += inherited > 0 ? (size_t)inherited : 0;
    ports->each = calloc(most, sizeof *ports->each);
    bool is_open = true;
    if (ports->each == NULL) {
        (void)fprintf(stderr, "awaitd: cannot listen: out of memory\n");
        return false;
    }
    if (inherited > 0)
        is_open = take_inherited(ports, inherited);
    else if (config->plain == CONFIG_ON)
        is_open = open_port(ports, "http://", config, config->port, loop_count,
                            (struct port){.is_tls = false});
    if (is_open && tls_is_wanted(config))
        is_open = open_port(ports, "https://", config, config->tls_port, loop_count,
                            (struct port){.is_tls = true});
    is_open = is_open && open_unix(ports, config->unix_path);
    if (is_open && config->admin_port > 0)
        is_open = open_port(ports, "admin:http://", config, config->admin_port, 1,
                            (struct port){.is_admin = true});
    if (is_open)
        return true;
    for (int i = 0; i < ports->count; i++)
        ports->each[i].loop = PORT_OF_ALL;
    ports_close(ports);
    return false;
}

void ports_close(struct ports *ports)
{
    /* A successor may have put its own there. The number is ours as long as our socket is open. */
    if (ports->unix_path != NULL && inode_of(ports->unix_path) == ports->unix_inode)
        (void)unlink(ports->unix_path);
    for (int i = 0; i < ports->count; i++)
        if (ports->each[i].loop == PORT_OF_ALL)
            (void)close(ports->each[i].fd);
    free(ports->each);
    *ports = (struct ports){.each = NULL};
}
