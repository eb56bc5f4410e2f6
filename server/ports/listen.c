#include "server/ports/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Of an answer that its client does not read the kernel takes no more; the rest stays with us,
   where it is counted. By itself it would take megabytes. */
#define UNSENT_BYTES 32768

#define BACKLOG 65535 /* the kernel clips it to net.core.somaxconn */

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

bool listen_resolve(const char *host, int64_t port_number, struct listen_addresses *addresses,
                    const char **why)
{
    char port[8];
    (void)snprintf(port, sizeof port, "%d", (int)port_number);
    /* "::" means every address; where the kernel has no IPv6 that is 0.0.0.0. */
    if (strcmp(host, "::") == 0 && !has_ipv6())
        host = "0.0.0.0";
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);
    *why = error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error);
    addresses->count = 0;
    if (error != 0)
        return false;
    for (struct addrinfo *at = found; at != NULL && addresses->count < LISTEN_ADDRESSES;
         at = at->ai_next) {
        struct listen_address *address = &addresses->each[addresses->count++];
        memcpy(&address->address, at->ai_addr, at->ai_addrlen);
        address->length = at->ai_addrlen;
    }
    freeaddrinfo(found);
    return true;
}

void listen_share_port(struct listen_addresses *addresses, int from)
{
    const struct sockaddr_storage *first = &addresses->each[from].address;
    in_port_t port = first->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)first)->sin6_port
                                                  : ((const struct sockaddr_in *)first)->sin_port;
    for (int i = from + 1; i < addresses->count; i++) {
        struct sockaddr_storage *address = &addresses->each[i].address;
        if (address->ss_family == AF_INET6)
            ((struct sockaddr_in6 *)address)->sin6_port = port;
        else
            ((struct sockaddr_in *)address)->sin_port = port;
    }
}

void listen_print(const struct sockaddr_storage *address, char *text, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
        (void)inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
        (void)snprintf(text, size, "[%s]:%d", host, ntohs(six->sin6_port));
    } else if (address->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)address;
        (void)inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
        (void)snprintf(text, size, "%s:%d", host, ntohs(four->sin_port));
    } else {
        (void)snprintf(text, size, "%s", ((const struct sockaddr_un *)address)->sun_path);
    }
}

static bool set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

static int fail(int fd)
{
    int error = errno;
    if (fd >= 0)
        (void)close(fd);
    return -error;
}

int listen_open(struct listen_address *address)
{
    int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&address->address;
    bool is_six = address->address.ss_family == AF_INET6;
    /* "::" takes IPv4 too; any other address means just itself. */
    bool only_six = is_six && !IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
    if (fd < 0 || !set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
        !set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1) ||
        !set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1) ||
        !set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES) ||
        (is_six && !set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, only_six)) ||
        bind(fd, (struct sockaddr *)&address->address, address->length) != 0 ||
        listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&address->address, &address->length) != 0)
        return fail(fd);
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
        return fail(fd);
    return fd;
}

bool listen_adopt(int fd, struct sockaddr_storage *address)
{
    int listens = 0;
    socklen_t length = sizeof listens;
    socklen_t address_length = sizeof *address;
    int flags = fcntl(fd, F_GETFL);
    memset(address, 0, sizeof *address);
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens &&
        getsockname(fd, (struct sockaddr *)address, &address_length) == 0 && flags >= 0 &&
        fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
        /* Refused on a Unix socket. */
        (void)set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        (void)set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES);
        return true;
    }
    (void)fprintf(stderr, "awaitd: LISTEN_FDS: descriptor %d is not a listening socket\n", fd);
    return false;
}

/* In a TCP header. */
#define FLAGS_OFFSET 13
#define FLAG_SYN     0x02

/* The filter sees a segment from its TCP header on, both at a handshake's first step and at its
   last. Connections that are accepted inherit it, and never see a SYN. */
void listen_refuse(int fd)
{
    struct sock_filter no_syn[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_OFFSET),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FLAG_SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = {sizeof no_syn / sizeof no_syn[0], no_syn};
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}
