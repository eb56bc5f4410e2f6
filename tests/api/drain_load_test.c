/*
 * No accepted request is lost: clients that connect anew for each request do so as fast as they can
 * while the server is told to stop. Whoever could connect is answered in full.
 */
#include "tests/support/handover.h"
#include "tests/support/http.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS 24

/* Assertions belong to the main thread: the clients only count. */
struct crowd {
    int port;
    pthread_t threads[CLIENTS];
    atomic_int served;
    atomic_int unavailable; /* a whole 503 */
    atomic_int lost;        /* connected, and no whole answer */
    atomic_int lost_errno;  /* of the last one */
};

static int try_to_connect(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    /* Who comes when the door is being closed is not heard, and would try for a second. */
    struct timeval patience = {.tv_usec = 200000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static void count(struct crowd *crowd, const struct reply *reply, int error)
{
    if (reply->is_whole && reply->status == 200) {
        (void)atomic_fetch_add(&crowd->served, 1);
    } else if (reply->is_whole && reply->status == 503) {
        (void)atomic_fetch_add(&crowd->unavailable, 1);
    } else {
        (void)atomic_fetch_add(&crowd->lost, 1);
        atomic_store(&crowd->lost_errno, error);
    }
}

/* Whether the connection is still good afterwards. */
static bool ask(struct crowd *crowd, int fd, int nth)
{
    static const char *const requests[] = {
        "GET /hi?delay=5ms HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /parallel?delay=2ms&timeline=true HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /hi?delay=1ms&format=text HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /sequence?count=2&delay=3ms HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi",
    };
    const char *request = requests[nth % 4];
    ssize_t sent = send(fd, request, strlen(request), MSG_NOSIGNAL);
    int error = sent < 0 ? errno : 0;
    struct reply reply = wire_read(fd, 20000);
    error = error == 0 ? errno : error;
    count(crowd, &reply, error);
    bool is_kept = reply.is_whole && !reply_has(&reply, "Connection: close");
    reply_free(&reply);
    return is_kept;
}

/* Until nobody listens any more. */
static void *client_main(void *argument)
{
    struct crowd *crowd = argument;
    int fd;
    for (int nth = 0; (fd = try_to_connect(crowd->port)) >= 0; nth++) {
        errno = 0;
        (void)ask(crowd, fd, nth);
        (void)close(fd);
    }
    return NULL;
}

static void start_crowd(struct crowd *crowd, const struct service *service)
{
    *crowd = (struct crowd){.port = service->port};
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&crowd->threads[i], NULL, client_main, crowd), 0);
}

static void join_crowd(struct crowd *crowd)
{
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_join(crowd->threads[i], NULL), 0);
}

static void no_accepted_request_is_lost(void **state)
{
    const char *const arguments[] = {"--drain-timeout", "20s", NULL};
    /* Nothing; or whoever is in the queue when it is closed, once each. */
    int most_lost = handover_can_be_clean() ? 0 : CLIENTS;
    int served = 0;
    (void)state;
    if (most_lost > 0)
        print_message("SKIP: that no connection is reset: this kernel wants CAP_NET_ADMIN for a "
                      "socket filter\n");
    for (int round = 0; round < TIMES(10, 4); round++) {
        struct service service;
        struct crowd crowd;
        service_start(&service, arguments);
        start_crowd(&crowd, &service);
        test_nap_ms(100 + round);
        service_signal(&service, round % 2 == 0 ? SIGTERM : SIGINT);
        join_crowd(&crowd);
        assert_int_equal(service_wait(&service, 10000), 0);
        if (crowd.lost > most_lost || (crowd.lost > 0 && crowd.lost_errno != ECONNRESET))
            fail_msg("round %d: %d requests lost (%s), %d served", round, crowd.lost,
                     strerror(crowd.lost_errno), crowd.served);
        assert_int_equal(crowd.unavailable, 0);
        served += crowd.served;
    }
    print_message("%d requests served in all\n", served);
    assert_true(served > 0);
}

/* ---- connections that idle ------------------------------------------------------------------- */

#define IDLERS 10

static void connect_idlers(const struct service *service, int *fds)
{
    for (int i = 0; i < IDLERS; i++) {
        fds[i] = raw_connect(service);
        wire_get(fds[i], "/hi?delay=0");
        assert_int_equal(wire_status(fds[i], 5000), 200);
    }
}

/* Nobody has promised that a connection kept alive lasts: it may end without a word. But what was
   read from it is served, and not mistaken for something that its client has given up. */
static void expect_served_or_closed(const int *fds)
{
    for (int i = 0; i < IDLERS; i++) {
        int status = wire_status(fds[i], 20000);
        if (status != 200 && status != 0)
            fail_msg("an idle connection's next request: %d", status);
        (void)close(fds[i]);
    }
}

/* Requests that come on idle connections just when these are closed: while its loop is busy with a
   million tasks, a server finds the signal and the requests at once. */
static void a_request_on_an_idle_connection_is_served_or_left_alone(void **state)
{
    static const char request[] = "GET /hi?delay=20ms HTTP/1.1\r\nHost: x\r\n\r\n";
    const char *const arguments[] = {"--max-count", "1000000", "--max-tasks", "2000000", NULL};
    (void)state;
    for (int lag_ms = 5; lag_ms <= TIMES(160, 20); lag_ms *= 2) {
        struct service service;
        int fds[IDLERS];
        service_start(&service, arguments);
        connect_idlers(&service, fds);
        int busy[2] = {raw_connect(&service), raw_connect(&service)};
        for (int i = 0; i < 2; i++)
            wire_get(busy[i], "/parallel?count=900000&delay=0");
        test_nap_ms(lag_ms);
        service_signal(&service, SIGTERM);
        test_nap_ms(2);
        for (int i = 0; i < IDLERS; i++)
            (void)send(fds[i], request, sizeof request - 1, MSG_NOSIGNAL);
        for (int i = 0; i < 2; i++)
            wire_reset(busy[i]);
        expect_served_or_closed(fds);
        assert_int_equal(service_wait(&service, 20000), 0);
    }
}

/* ---- the Unix socket ------------------------------------------------------------------------- */

static int connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static bool is_refused_at(void *path)
{
    int fd = connect_unix(path);
    (void)close(fd);
    return fd < 0;
}

/* All loops share it, and it is closed when all have ended: until then nobody may wait there in
 * vain. */
static void the_unix_socket_is_drained(void **state)
{
    char path[TEST_FOLDER_BYTES];
    (void)state;
    test_make_folder(path);
    char socket_path[64];
    (void)snprintf(socket_path, sizeof socket_path, "%s/socket", path);
    const char *const arguments[] = {"--unix", socket_path, NULL};
    struct service service;
    int fds[IDLERS];
    service_start(&service, arguments);
    service_signal(&service, SIGSTOP);
    for (int i = 0; i < IDLERS; i++) {
        fds[i] = connect_unix(socket_path);
        assert_true(fds[i] >= 0);
        wire_get(fds[i], "/hi?delay=2s");
    }
    service_signal(&service, SIGTERM);
    service_signal(&service, SIGCONT);
    test_eventually(is_refused_at, socket_path, 1500, "the Unix socket refuses");
    for (int i = 0; i < IDLERS; i++) {
        assert_int_equal(wire_status(fds[i], 20000), 200);
        (void)close(fds[i]);
    }
    assert_int_equal(service_wait(&service, 20000), 0);
    assert_int_equal(rmdir(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_accepted_request_is_lost),
        cmocka_unit_test(a_request_on_an_idle_connection_is_served_or_left_alone),
        cmocka_unit_test(the_unix_socket_is_drained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
