#include "server/healthcheck.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_SECONDS 3

#define QUESTION "GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n"

static int unhealthy(const char *why)
{
    (void)fprintf(stderr, "awaitd: unhealthy: %s\n", why);
    return 1;
}

/* What listens on every address is asked on the loopback, by number: an image may have no
 * /etc/hosts. */
static const char *host_to_ask(const struct config *config)
{
    bool every = strcmp(config->host, "::") == 0 || strcmp(config->host, "0.0.0.0") == 0;
    return every ? "127.0.0.1" : config->host;
}

static int try_connect(const struct addrinfo *address)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static int connect_to(const struct config *config)
{
    char port[8];
    int64_t number = config->admin_port > 0 ? config->admin_port : config->port;
    (void)snprintf(port, sizeof port, "%d", (int)number);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (getaddrinfo(host_to_ask(config), port, &hints, &found) != 0)
        return -1;
    int fd = -1;
    for (struct addrinfo *at = found; fd < 0 && at != NULL; at = at->ai_next)
        fd = try_connect(at);
    freeaddrinfo(found);
    return fd;
}

int health_check(const struct config *config)
{
    bool is_proxied = config->proxy_protocol == CONFIG_ON && config->admin_port == 0;
    const char *question = is_proxied ? "PROXY UNKNOWN\r\n" QUESTION : QUESTION;
    char answer[64] = "";
    if (config->plain == CONFIG_OFF && config->admin_port == 0)
        return unhealthy("plain is off; a health check needs an admin_port then");
    if (config->port == 0 && config->admin_port == 0)
        return unhealthy("port 0 says nothing of where to ask; name the port");
    int fd = connect_to(config);
    if (fd < 0)
        return unhealthy("nobody listens");
    ssize_t length = (ssize_t)strlen(question);
    bool asked = send(fd, question, (size_t)length, MSG_NOSIGNAL) == length;
    ssize_t got = asked ? recv(fd, answer, sizeof answer - 1, MSG_WAITALL) : -1;
    (void)close(fd);
    if (got < 12 || memcmp(answer, "HTTP/1.", 7) != 0)
        return unhealthy("no answer");
    return memcmp(answer + 9, "200", 3) == 0 ? 0 : unhealthy("the answer is not 200");
}
