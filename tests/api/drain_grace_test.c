/*
 * Connections that idle when awaitd is told to stop. A proxy may choose any of them for its next
 * request at any time, so they stay open for a grace, half of drain_timeout; each answer says that
 * it is the last.
 */
#include "tests/support/count.h"
#include "tests/support/http.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON_MS  5000
#define DRAIN_MS 12000

static int64_t milliseconds_since(int64_t start_ns)
{
    return (test_now_ns() - start_ns) / 1000000;
}

static int open_idle(const struct service *service)
{
    int fd = raw_connect(service);
    wire_get(fd, "/hi?delay=0");
    assert_int_equal(wire_status(fd, SOON_MS), 200);
    return fd;
}

static void expect_last_answer(int fd)
{
    struct reply reply = wire_read(fd, SOON_MS);
    assert_int_equal(reply.status, 200);
    assert_true(reply.is_whole);
    assert_true(reply_has(&reply, "Connection: close"));
    assert_null(strcasestr(reply.head, "\r\nkeep-alive: "));
    assert_true(raw_is_closed(fd, SOON_MS));
    reply_free(&reply);
    (void)close(fd);
}

/* One is used early in its grace and one late, one not at all. */
static void idle_connections_are_served_once_more(void **state)
{
    const char *const options[] = {"--drain-timeout", "4s", NULL};
    struct service service;
    (void)state;
    service_start(&service, options);
    int early = open_idle(&service);
    int late = open_idle(&service);
    int never = open_idle(&service);
    int running = raw_connect(&service);
    wire_get(running, "/hi?delay=2900ms");
    test_nap_ms(50);
    int64_t start_ns = test_now_ns();
    service_signal(&service, SIGTERM);
    test_nap_ms(100);
    wire_get(early, "/hi?delay=0");
    expect_last_answer(early);
    test_nap_ms(900);
    wire_get(late, "/hi?delay=20ms");
    expect_last_answer(late);
    assert_true(raw_is_closed(never, SOON_MS));
    assert_in_range(milliseconds_since(start_ns), 1900, 2899); /* not only when all is over */
    (void)close(never);
    expect_last_answer(running);
    assert_int_equal(service_wait(&service, DRAIN_MS), 0);
}

/* One that never sent a byte is given a moment for its first request, and that is all. */
/* Neither for a request, nor for a PROXY header or a TLS hello, of which no byte has come. */
static void expect_not_waited_for(const char *const *options)
{
    struct service service;
    service_start(&service, options);
    int silent = raw_connect(&service);
    test_nap_ms(50);
    service_signal(&service, SIGTERM);
    assert_true(raw_is_closed(silent, 4000));
    (void)close(silent);
    assert_int_equal(service_wait(&service, 4000), 0);
}

static void one_that_never_spoke_is_not_waited_for(void **state)
{
    (void)state;
    expect_not_waited_for((const char *const[]){"--drain-timeout", "20s", NULL});
    expect_not_waited_for(
        (const char *const[]){"--drain-timeout", "20s", "--proxy-protocol", "on", NULL});
}

/* As soon as the last client leaves, the grace is over. */
static void nobody_idle_is_waited_for_once_he_has_left(void **state)
{
    const char *const options[] = {"--drain-timeout", "20s", NULL};
    struct service service;
    (void)state;
    service_start(&service, options);
    int idle = open_idle(&service);
    service_signal(&service, SIGTERM);
    test_nap_ms(50);
    (void)close(idle);
    assert_int_equal(service_wait(&service, 3000), 0);
}

static void a_second_signal_ends_the_grace(void **state)
{
    const char *const options[] = {"--drain-timeout", "20s", NULL};
    struct service service;
    (void)state;
    service_start(&service, options);
    int idle = open_idle(&service);
    service_signal(&service, SIGTERM);
    test_nap_ms(50);
    service_signal(&service, SIGTERM);
    assert_int_equal(service_wait(&service, 4000), 0);
    (void)close(idle);
}

/* While drain_delay still lets new clients in. */
static void answers_in_the_delay_are_the_last_too(void **state)
{
    const char *const options[] = {"--drain-delay", "1s", "--drain-timeout", "4s", NULL};
    struct service service;
    (void)state;
    service_start(&service, options);
    int idle = open_idle(&service);
    int running = raw_connect(&service);
    wire_get(running, "/hi?delay=300ms");
    test_nap_ms(50);
    service_signal(&service, SIGTERM);
    test_nap_ms(50);
    wire_get(idle, "/hi?delay=0");
    expect_last_answer(idle);
    expect_last_answer(running);
    int late = raw_connect(&service);
    wire_get(late, "/hi?delay=0");
    expect_last_answer(late);
    assert_int_equal(service_wait(&service, DRAIN_MS), 0);
}

/* ---- clients that go on and on --------------------------------------------------------------- */

struct client {
    pthread_t thread;
    int fd;
    int answers;
    bool was_told; /* that an answer is the last */
    bool was_lost; /* a request that was sent has no answer */
};

static void *ask_on_and_on(void *argument)
{
    struct client *client = argument;
    while (!client->was_told && !client->was_lost) {
        static const char request[] = "GET /hi?delay=2ms HTTP/1.1\r\nHost: x\r\n\r\n";
        bool is_sent = send(client->fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0;
        struct reply reply = {.status = 0};
        if (is_sent)
            reply = wire_read(client->fd, SOON_MS);
        client->was_lost = reply.status != 200 || !reply.is_whole;
        client->was_told = !client->was_lost && reply_has(&reply, "Connection: close");
        client->answers += !client->was_lost;
        reply_free(&reply);
    }
    return NULL;
}

#define CLIENTS 50

static void no_client_meets_a_closed_connection(void **state)
{
    (void)state;
    for (int round = 0; round < TIMES(5, 2); round++) {
        struct service service;
        struct client clients[CLIENTS] = {{0}};
        service_start(&service, NULL);
        for (int i = 0; i < CLIENTS; i++) {
            clients[i].fd = raw_connect(&service);
            assert_int_equal(pthread_create(&clients[i].thread, NULL, ask_on_and_on, &clients[i]),
                             0);
        }
        test_nap_ms(100);
        service_signal(&service, SIGTERM);
        for (int i = 0; i < CLIENTS; i++) {
            (void)pthread_join(clients[i].thread, NULL);
            (void)close(clients[i].fd);
            assert_true(clients[i].was_told);
            assert_true(clients[i].answers > 0);
        }
        assert_int_equal(service_wait(&service, DRAIN_MS), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_connections_are_served_once_more),
        cmocka_unit_test(one_that_never_spoke_is_not_waited_for),
        cmocka_unit_test(nobody_idle_is_waited_for_once_he_has_left),
        cmocka_unit_test(a_second_signal_ends_the_grace),
        cmocka_unit_test(answers_in_the_delay_are_the_last_too),
        cmocka_unit_test(no_client_meets_a_closed_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
