/*
 * A flood past every limit at once: who is too many is told so at once and when to come back, what
 * was accepted is finished, and when the flood ends everything is free again within a second.
 */
#include "tests/support/http.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/control.h"

#define CLIENTS 600
#define SOON_MS 20000

static const char *const arguments[] = {
    "--max-connections", "400", "--max-tasks", "1000", "--max-count", "10",
    "--max-blocking",    "4",   NULL};

/* 400 have a place. Of every four of them two want ten tasks: twice as many as there may be. */
static const char *target_of(int client)
{
    static const char *const targets[] = {
        "/parallel?count=10&delay=1500ms",
        "/sequence?count=10&delay=150ms",
        "/hi?delay=1500ms",
        "/hi?delay=100ms&sleep=blocking",
    };
    return targets[client % 4];
}

struct client {
    int fd;
    int status;
    double seconds; /* until its answer began */
};

static void start_all(const struct service *service, struct client *clients, int64_t *asked_ns)
{
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.fd = raw_connect(service)};
        asked_ns[i] = test_now_ns();
        wire_get(clients[i].fd, target_of(i));
    }
}

/* Those that were not even told why (past max_connections and a few more) have status 0. */
static bool take_answer(struct client *client, int64_t asked_ns)
{
    struct pollfd look = {.fd = client->fd, .events = POLLIN};
    if (client->fd < 0 || poll(&look, 1, 0) != 1)
        return false;
    struct reply reply = wire_read(client->fd, SOON_MS);
    client->seconds = (double)(test_now_ns() - asked_ns) / 1e9;
    client->status = reply.status;
    if (reply.status == 503)
        wire_expect_busy(&reply, "max_");
    else if (reply.status != 0)
        assert_int_equal(reply.status, 200);
    assert_true(reply.is_whole || reply.status == 0);
    reply_free(&reply);
    (void)close(client->fd);
    client->fd = -1;
    return true;
}

static void take_all_answers(struct client *clients, const int64_t *asked_ns)
{
    int64_t end_ns = test_now_ns() + SOON_MS * 1000000LL;
    for (int left = CLIENTS; left > 0; test_nap_ms(1)) {
        assert_true(test_now_ns() < end_ns);
        for (int i = 0; i < CLIENTS; i++)
            left -= take_answer(&clients[i], asked_ns[i]);
    }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The median of those with this status. */
static double median_seconds(const struct client *clients, int status, int *count)
{
    static double seconds[CLIENTS];
    *count = 0;
    for (int i = 0; i < CLIENTS; i++)
        if (clients[i].status == status)
            seconds[(*count)++] = clients[i].seconds;
    qsort(seconds, (size_t)*count, sizeof *seconds, compare);
    return *count > 0 ? seconds[*count / 2] : 0;
}

static double rejected(const struct service *service, const char *reason)
{
    char sample[64];
    (void)snprintf(sample, sizeof sample, "awaitd_requests_rejected_total{reason=\"%s\"}", reason);
    return metric_of(service, sample);
}

static void it_tells_serves_and_recovers(void **state)
{
    static struct client clients[CLIENTS];
    static int64_t asked_ns[CLIENTS];
    struct service service;
    struct control control;
    int served = 0;
    int told = 0;
    (void)state;
    service_start(&service, arguments);
    control_begin(&control);
    start_all(&service, clients, asked_ns);
    take_all_answers(clients, asked_ns);
    int64_t over_ns = test_now_ns();
    struct wire_hope tasks = {&service, "/parallel?count=10&delay=0", 200};
    struct wire_hope cage = {&service, "/hi?delay=0&sleep=blocking", 200};
    test_eventually(wire_is_answered, &tasks, SOON_MS, "tasks are free");
    test_eventually(wire_is_answered, &cage, SOON_MS, "the cage is free");
    double recovered_seconds = (double)(test_now_ns() - over_ns) / 1e9;
    double late_seconds = control_end(&control);
    double wait = median_seconds(clients, 503, &told);
    (void)median_seconds(clients, 200, &served);
    print_message("%d served, %d told after %.3f s (median), free again after %.3f s\n", served,
                  told, wait, recovered_seconds);
    assert_true(served >= 110); /* of 1,000 tasks: 4 x 100 and 2 x 10 x 50 would be some 150 */
    assert_true(told >= 100);
    assert_prompt(wait, 1,
                  late_seconds); /* though the test itself is busy; what runs takes 1.5 s */
    assert_prompt(recovered_seconds, 1, late_seconds);
    assert_true(rejected(&service, "max_connections") > 0);
    assert_true(rejected(&service, "max_tasks") > 0);
    assert_true(rejected(&service, "max_blocking") > 0);
    metric_expect(&service, "awaitd_tasks_active", 0);
    metric_expect(&service, "http_requests_in_flight", 0);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_serves_and_recovers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
