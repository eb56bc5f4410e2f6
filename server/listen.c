#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 65535 /* the kernel clips it to net.core.somaxconn */

static bool is_any_address(const struct config *config)
{
    return strcmp(config->host, "::") == 0;
}

static bool has_ipv6(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    bool works = bind(fd, (struct sockaddr *)&any, sizeof any) == 0;
    (void)close(fd);
    return works;
}

bool listen_resolve(const struct config *config, struct listen_addresses *addresses)
{
    char port[8];
    (void)snprintf(port, sizeof port, "%d", (int)config->port);
    /* "::" means every address; where the kernel has no IPv6 that is 0.0.0.0. */
    const char *host = is_any_address(config) && !has_ipv6() ? "0.0.0.0" : config->host;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);
    if (error != 0) {
        (void)fprintf(stderr, "awaitd: cannot listen on host '%s': %s\n", host,
                      gai_strerror(error));
        return false;
    }
    addresses->count = 0;
    for (struct addrinfo *at = found; at != NULL && addresses->count < LISTEN_ADDRESSES;
         at = at->ai_next) {
        struct listen_address *address = &addresses->each[addresses->count++];
        memcpy(&address->address, at->ai_addr, at->ai_addrlen);
        address->length = at->ai_addrlen;
    }
    freeaddrinfo(found);
    return true;
}

void listen_print(const struct listen_address *address, char *text, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->address;
        (void)inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
        (void)snprintf(text, size, "[%s]:%d", host, ntohs(six->sin6_port));
    } else {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&address->address;
        (void)inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
        (void)snprintf(text, size, "%s:%d", host, ntohs(four->sin_port));
    }
}

static bool set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

/* "::" takes IPv4 too; any other address means just itself. */
static bool set_options(int fd, const struct listen_address *address)
{
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->address;
    bool is_six = address->address.ss_family == AF_INET6;
    bool only_six = is_six && !IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
    return set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
           set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
           set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1) &&
           (!is_six || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, only_six));
}

static int fail(int fd, const char *where)
{
    (void)fprintf(stderr, "awaitd: cannot listen on %s: %s\n", where, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

int listen_open(struct listen_address *address)
{
    char where[80];
    listen_print(address, where, sizeof where);
    int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || !set_options(fd, address) ||
        bind(fd, (struct sockaddr *)&address->address, address->length) != 0 ||
        listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address->address, &address->length) != 0)
        return fail(fd, where);
    return fd;
}

/* Nobody answers there: the socket is what a process left that was killed. */
static bool is_abandoned(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool refused = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0)
        (void)close(fd);
    return refused;
}

int listen_open_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (is_abandoned(&address))
        (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, BACKLOG) != 0)
        return fail(fd, path);
    return fd;
}
