/*
 * A restart loses no request: the next awaitd listens before the last one is told to stop, on the
 * same port or on the same socket. Clients that open a connection for each request go on all the
 * while, some with requests that are in flight when the old one drains; every answer must be 200.
 */
#include "tests/support/handover.h"
#include "tests/support/http.h"

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
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

/* A connection that is reset at a close is rare: it takes many of both to meet one. */
#define RESTARTS 20
#define CLIENTS  16

/* ---- the clients ----------------------------------------------------------------------------- */

/* As a client without retries sees it. cmocka's asserts belong to the main thread, so a client only
   counts, and keeps what went wrong first. */
struct client {
    pthread_t thread;
    const atomic_bool *is_over;
    int port;
    const char *request;
    int answered;
    int failed;
    char failure[256];
};

static int fail_at(struct client *client, int fd, const char *step)
{
    if (client->failed++ == 0)
        (void)snprintf(client->failure, sizeof client->failure, "%s: %s", step, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static int connect_to(struct client *client)
{
    const struct timeval patience = {.tv_sec = 60}; /* five times a SYN is sent again */
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)client->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail_at(client, fd, "socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return fail_at(client, fd, "connect");
    return fd;
}

/* To the end of the stream; false where it breaks off before. */
static bool read_answer(int fd, char *answer, size_t size)
{
    size_t used = 0;
    ssize_t got = 0;
    while (used < size - 1 && (got = recv(fd, answer + used, size - 1 - used, 0)) > 0)
        used += (size_t)got;
    answer[used] = '\0';
    return got == 0;
}

static void ask_once(struct client *client)
{
    char answer[2048];
    size_t length = strlen(client->request);
    int fd = connect_to(client);
    if (fd < 0)
        return;
    errno = 0;
    if (send(fd, client->request, length, MSG_NOSIGNAL) != (ssize_t)length) {
        (void)fail_at(client, fd, "send");
    } else if (!read_answer(fd, answer, sizeof answer)) {
        (void)fail_at(client, fd, "receive");
    } else if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0 || strstr(answer, "World") == NULL) {
        (void)fail_at(client, fd, answer[0] == '\0' ? "closed without an answer" : answer);
    } else {
        client->answered++;
        (void)close(fd);
    }
}

static void *be_client(void *argument)
{
    struct client *client = argument;
    while (!atomic_load(client->is_over))
        ask_once(client);
    return NULL;
}

/* Most are quick, for as many connections as can be; every fourth is in flight for long. */
static void start_clients(struct client clients[CLIENTS], int port, const atomic_bool *is_over)
{
    static const char *const requests[] = {
        "GET /hi?delay=0 HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
        "GET /hi?delay=150ms HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
    };
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] =
            (struct client){.is_over = is_over, .port = port, .request = requests[i % 4 == 3]};
        assert_int_equal(pthread_create(&clients[i].thread, NULL, be_client, &clients[i]), 0);
    }
}

static void assert_all_answered(struct client clients[CLIENTS])
{
    int answered = 0;
    int failed = 0;
    const char *failure = "";
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_join(clients[i].thread, NULL), 0);
        answered += clients[i].answered;
        failed += clients[i].failed;
        if (clients[i].failed > 0)
            failure = clients[i].failure;
        else if (clients[i].answered == 0)
            failure = "a client was never answered";
    }
    print_message("%d restarts, %d requests, %d failed %s\n", RESTARTS, answered + failed, failed,
                  failure);
    assert_string_equal(failure, "");
}

/* ---- the restarts ---------------------------------------------------------------------------- */

/* Again and again a new one starts, and then the old one leaves, while they are asked. */
static void restart_under_load(const struct handover *handover, int port)
{
    struct service serving;
    struct service successor;
    struct client clients[CLIENTS];
    atomic_bool is_over = false;

    handover_start(&serving, handover);
    start_clients(clients, port, &is_over);
    for (int i = 0; i < RESTARTS; i++) {
        handover_start(&successor, handover);
        test_nap_ms(50);
        service_stop(&serving);
        serving = successor;
        /* Who was refused tries again after a second: not to be met by the next refusal for ever.
         */
        test_nap_ms(150);
    }
    atomic_store(&is_over, true);
    assert_all_answered(clients);
    service_stop(&serving);
}

static int unused_port(void)
{
    int fd = handover_listen(0);
    int port = handover_port(fd);
    (void)close(fd);
    return port;
}

static void nothing_is_lost_on_the_same_port(void **state)
{
    char number[16];
    (void)state;
    if (!handover_can_be_clean()) {
        print_message("SKIP: this kernel wants CAP_NET_ADMIN for a socket filter\n");
        skip();
    }
    int port = unused_port();
    (void)snprintf(number, sizeof number, "%d", port);
    const char *const arguments[] = {"--host", "127.0.0.1", "--port", number, "--threads",
                                     "2",      "--log",     "off",    NULL};
    const struct handover handover = {.arguments = arguments, .fd = HANDOVER_NOTHING};
    restart_under_load(&handover, port);
}

static void nothing_is_lost_on_an_inherited_socket(void **state)
{
    (void)state;
    static const char *const arguments[] = {"--threads", "2", "--log", "off", NULL};
    int fd = handover_listen(0);
    const struct handover handover = {.arguments = arguments, .fd = fd};
    restart_under_load(&handover, handover_port(fd));
    (void)close(fd);
}

/* The Unix socket's path changes hands while the old one finishes what runs, and is there until the
   new one goes. */
static void a_unix_path_is_taken_over(void **state)
{
    (void)state;
    char folder[TEST_FOLDER_BYTES];
    char path[64];
    char answer[1024];
    struct service old;
    struct service new;
    test_make_folder(folder);
    (void)snprintf(path, sizeof path, "%s/socket", folder);
    const char *const arguments[] = {"--unix", path, NULL};
    service_start(&old, arguments);
    int client = raw_connect(&old);
    raw_send(client, "GET /hi?delay=2s HTTP/1.0\r\n\r\n");
    test_nap_ms(100);
    service_signal(&old, SIGTERM);
    test_nap_ms(700);
    service_start(&new, arguments);
    assert_true(raw_read(client, answer, sizeof answer, 10000) > 0);
    assert_non_null(strstr(answer, " 200 OK\r\n"));
    (void)close(client);
    assert_int_equal(service_wait(&old, 10000), 0);
    struct answer over_unix = http_ask(&new, "/hi?delay=0", &(struct ask){.unix_path = path});
    assert_int_equal(over_unix.status, 200);
    answer_free(&over_unix);
    service_stop(&new);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_on_the_same_port),
        cmocka_unit_test(nothing_is_lost_on_an_inherited_socket),
        cmocka_unit_test(a_unix_path_is_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
