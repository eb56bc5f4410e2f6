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

/* Returns a socket that is connected to the first of the host's addresses that answers, or -1. */
static int connect_to(const char *host, int64_t port)
{
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char digits[8];
    int fd = -1;
    (void)snprintf(digits, sizeof digits, "%d", (int)port);
    if (getaddrinfo(host, digits, &hints, &found) != 0)
        return -1;
    for (const struct addrinfo *at = found; fd < 0 && at != NULL; at = at->ai_next) {
        fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            (void)close(fd);
            fd = -1;
        }
    }
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
    /* Where every address is listened on, the loopback is asked, by number: an image may have no
       /etc/hosts. */
    bool every = strcmp(config->host, "::") == 0 || strcmp(config->host, "0.0.0.0") == 0;
    int fd = connect_to(every ? "127.0.0.1" : config->host,
                        config->admin_port > 0 ? config->admin_port : config->port);
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
