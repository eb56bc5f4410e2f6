#include "tests/support/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

int raw_connect(const struct service *service)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)service->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void raw_send(int fd, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);
        assert_true(sent > 0);
        text += sent;
        left -= (size_t)sent;
    }
}

ssize_t raw_read(int fd, char *buffer, size_t size, int timeout_ms)
{
    size_t used = 0;
    bool was_reset = false;
    while (used < size - 1) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        if (poll(&waiting, 1, timeout_ms) != 1)
            break;
        ssize_t got = recv(fd, buffer + used, size - 1 - used, 0);
        was_reset = got < 0;
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    buffer[used] = '\0';
    return used == 0 && was_reset ? -1 : (ssize_t)used;
}

bool raw_is_closed(int fd, int timeout_ms)
{
    char scrap[4096];
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    for (int64_t left_ms = timeout_ms; left_ms >= 0; left_ms = (end_ns - test_now_ns()) / 1000000) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        if (poll(&waiting, 1, (int)left_ms) != 1)
            return false;
        if (recv(fd, scrap, sizeof scrap, 0) <= 0)
            return true;
    }
    return false;
}

void raw_read_until(int fd, char *buffer, size_t size, const char *wanted, int timeout_ms)
{
    size_t used = strlen(buffer);
    int64_t end_ns = test_now_ns() + timeout_ms * 1000000LL;
    while (strstr(buffer, wanted) == NULL) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        int64_t left_ms = (end_ns - test_now_ns()) / 1000000;
        ssize_t got = left_ms > 0 && poll(&waiting, 1, (int)left_ms) == 1
                          ? recv(fd, buffer + used, size - 1 - used, 0)
                          : -1;
        if (got <= 0)
            fail_msg("'%s' did not come within %d ms, but: %s", wanted, timeout_ms, buffer);
        used += (size_t)got;
        buffer[used] = '\0';
    }
}

void raw_exchange(const struct service *service, const char *request, char *buffer, size_t size)
{
    int fd = raw_connect(service);
    raw_send(fd, request);
    assert_true(raw_read(fd, buffer, size, 10000) >= 0);
    (void)close(fd);
}
