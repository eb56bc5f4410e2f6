/*
 * A flood of clients that ask for everything and leave at random, by FIN or RST, at any moment of
 * their visit. It leaves nothing behind: no task, no descriptor, no memory.
 *
 * The seed is fixed, so each flood makes the same moves; only how the server's answers fall between
 * them differs.
 */
#include "tests/support/http.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT_ONCE      64
#define VISITORS     TIMES(4000, 600)

static const char *const requests[] = {
    "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /hi?delay=3ms HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /hi?delay=10s HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /hi?delay=5ms&format=text HTTP/1.0\r\n\r\n",
    "HEAD /hi?delay=2ms HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /parallel?count=1000&delay=4ms&timeline=true HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /parallel?count=1000&delay=10s HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /parallel?count=300&delay=2ms&format=text HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /parallel?delay=3ms,1ms,10s&format=text&timeline=true HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /sequence?count=5&delay=1ms&format=text HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /sequence?delay=10s HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /parallel?count=50&delay=1s&sleep=forgotten HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /hi?delay=1ms&sleep=blocking HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /sequence?count=3&delay=1ms&sleep=blocking&format=text HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /hi?delay=5s&sleep=blocking HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /hi?delay=1ms HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "POST /hi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "POST /hi HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\nfar too much",
    "OPTIONS /parallel HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /hi?delay=soon HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "\r\n\x01\x02 not HTTP at all\r\n\r\n",
};

/* xorshift32 (Marsaglia): the same moves on every C library. */
struct flood {
    uint32_t random;
    int fds[AT_ONCE]; /* -1: nobody there */
    int visitors;
};

static uint32_t roll(struct flood *flood, uint32_t sides)
{
    flood->random ^= flood->random << 13;
    flood->random ^= flood->random >> 17;
    flood->random ^= flood->random << 5;
    return flood->random % sides;
}

/* ---- moves ----------------------------------------------------------------------------------- */

/* The server may be gone from the other end: whatever happens is fine. */
static void send_some(int fd, const char *bytes, size_t length)
{
    (void)send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void send_requests(struct flood *flood, int fd, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *request = requests[roll(flood, COUNT(requests))];
        send_some(fd, request, strlen(request));
    }
}

static void send_part(struct flood *flood, int fd)
{
    const char *request = requests[roll(flood, COUNT(requests))];
    send_some(fd, request, roll(flood, (uint32_t)strlen(request)));
}

static void read_some(int fd)
{
    char scrap[16384];
    (void)recv(fd, scrap, sizeof scrap, MSG_DONTWAIT);
}

static void read_for_a_moment(int fd)
{
    char scrap[16384];
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    while (poll(&waiting, 1, 2) == 1 && recv(fd, scrap, sizeof scrap, MSG_DONTWAIT) > 0)
        ;
}

static void leave(struct flood *flood, int *fd)
{
    if (roll(flood, 2) == 0)
        (void)close(*fd);
    else
        wire_reset(*fd);
    *fd = -1;
}

static void move(struct flood *flood, int *fd)
{
    switch (roll(flood, 12)) {
    case 0:
    case 1:
    case 2:
        send_requests(flood, *fd, 1);
        break;
    case 3:
        send_requests(flood, *fd, 2 + roll(flood, 6));
        break;
    case 4:
        send_part(flood, *fd);
        break;
    case 5:
        read_some(*fd);
        break;
    case 6:
        read_for_a_moment(*fd);
        break;
    case 7:
        (void)shutdown(*fd, SHUT_WR);
        break;
    case 8: /* in one go: the request and the end */
        send_requests(flood, *fd, 1);
        leave(flood, fd);
        break;
    default:
        leave(flood, fd);
        break;
    }
}

static void flood_service(const struct service *service, uint32_t seed)
{
    struct flood flood = {.random = seed};
    memset(flood.fds, -1, sizeof flood.fds);
    while (flood.visitors < VISITORS) {
        int *fd = &flood.fds[roll(&flood, AT_ONCE)];
        if (*fd >= 0) {
            move(&flood, fd);
            continue;
        }
        *fd = raw_connect(service);
        flood.visitors++;
    }
    for (int i = 0; i < AT_ONCE; i++)
        if (flood.fds[i] >= 0)
            leave(&flood, &flood.fds[i]);
}

/* ---- what is left ---------------------------------------------------------------------------- */

/* A request for every task that there may be is admitted: there are none. So with the cage. */
static void expect_nothing_left(const struct service *service, int descriptors)
{
    struct wire_hope all_tasks = {service, "/parallel?count=1000&delay=0", 200};
    struct wire_hope cage = {service, "/hi?delay=0&sleep=blocking", 200};
    test_eventually(wire_is_answered, &all_tasks, 5000, "no task is left");
    test_eventually(wire_is_answered, &cage, 5000, "nothing is left in the cage");
    wire_expect_descriptors(service, descriptors);
}

static void a_flood_leaves_nothing_behind(void **state)
{
    const char *const arguments[] = {
        "--max-tasks", "1000", "--max-blocking", "4", "--drain-timeout", "5s", "--live",
        "off",         NULL}; /* recordings stay, bounded: tests/live */
    struct service service;
    (void)state;
    service_start(&service, arguments);
    int descriptors = wire_descriptors_at_rest(&service);
    int64_t bytes[3];
    for (int i = 0; i < 3; i++) {
        int64_t start_ns = test_now_ns();
        flood_service(&service, 20240229);
        expect_nothing_left(&service, descriptors);
        bytes[i] = service_resident_bytes(&service);
        print_message("%d visitors in %.1f s, then %.1f MB\n", VISITORS,
                      (double)(test_now_ns() - start_ns) / 1e9, (double)bytes[i] / 1e6);
    }
    /* The first may have grown what is kept for reuse; a leak would grow with each. */
    if (!IS_SANITIZED)
        assert_true(bytes[2] - bytes[0] < 2 * 1024 * 1024);
    service_stop(&service);
}

/* Stopped in the middle of it, with all of their requests in all of their states. */
static void a_flood_is_drained(void **state)
{
    const char *const arguments[] = {"--drain-timeout", "200ms", "--max-blocking", "4", NULL};
    (void)state;
    for (int round = 0; round < TIMES(3, 2); round++) {
        struct service service;
        struct flood flood = {.random = 7 + (uint32_t)round};
        service_start(&service, arguments);
        for (int i = 0; i < AT_ONCE; i++)
            flood.fds[i] = raw_connect(&service);
        for (int moves = 0; moves < 400; moves++) {
            int *fd = &flood.fds[roll(&flood, AT_ONCE)];
            if (*fd >= 0 && roll(&flood, 4) > 0)
                send_requests(&flood, *fd, 1);
            else if (*fd >= 0)
                send_part(&flood, *fd);
        }
        service_signal(&service, round % 2 == 0 ? SIGTERM : SIGINT);
        assert_int_equal(service_wait(&service, 10000), 0);
        for (int i = 0; i < AT_ONCE; i++)
            (void)close(flood.fds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_leaves_nothing_behind),
        cmocka_unit_test(a_flood_is_drained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
