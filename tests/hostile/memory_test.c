/*
 * Memory is limited, as by `ulimit -v`: libh2o ends the process when malloc() fails, so awaitd
 * begins nothing new before it comes to that. What was begun is finished, and when the flood goes
 * so do the refusals.
 */
#include "tests/support/http.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SOON_MS      20000
#define CLIENTS      2000

static const char *const arguments[] = {
    "--max-count", "100000", "--request-timeout", "2s", "--idle-timeout", "60s", NULL};

static void limit_memory(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
}

static void start_with_limit(struct service *service, rlim_t bytes)
{
    limit_memory(bytes);
    service_start(service, arguments);
    limit_memory(RLIM_INFINITY);
}

/* What it has at rest; with a limit, even a large one, malloc() keeps house differently. */
static rlim_t bytes_at_rest(void)
{
    struct service service;
    start_with_limit(&service, (rlim_t)1 << 40);
    (void)wire_descriptors_at_rest(&service);
    rlim_t bytes = (rlim_t)metric_of(&service, "process_virtual_memory_bytes");
    service_stop(&service);
    return bytes;
}

static void start_with_memory(struct service *service, rlim_t more_bytes)
{
    start_with_limit(service, bytes_at_rest() + more_bytes);
}

static bool is_alive(const struct service *service)
{
    return kill(service->pid, 0) == 0;
}

static bool is_answered(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN};
    return poll(&look, 1, 0) == 1;
}

struct tally {
    int served;
    int refused;
    int cut;
};

static void count_answer(struct tally *tally, const struct reply *reply)
{
    if (reply->status == 503)
        wire_expect_busy(reply, "memory");
    else if (reply->status != 0)
        assert_int_equal(reply->status, 200);
    if (reply->status == 200)
        assert_true(reply->is_whole);
    tally->served += reply->status == 200;
    tally->refused += reply->status == 503;
    tally->cut += reply->status == 0;
}

/* Each asks once; those that are not let in wait, so some are answered before others are. */
static struct tally ask_all_at_once(const struct service *service, const char *target)
{
    static int fds[CLIENTS];
    struct tally tally = {0};
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = raw_connect(service);
        wire_get(fds[i], target);
    }
    int64_t end_ns = test_now_ns() + 60 * 1000000000LL;
    for (int left = CLIENTS; left > 0 && test_now_ns() < end_ns; test_nap_ms(1))
        for (int i = 0; i < CLIENTS; i++)
            if (fds[i] >= 0 && is_answered(fds[i])) {
                struct reply reply = wire_read(fds[i], SOON_MS);
                count_answer(&tally, &reply);
                reply_free(&reply);
                (void)close(fds[i]);
                fds[i] = -1;
                left--;
            }
    assert_int_equal(tally.served + tally.refused + tally.cut, CLIENTS);
    return tally;
}

static void expect_recovered(const struct service *service)
{
    struct wire_hope hope = {service, "/parallel?count=1000&delay=0", 200};
    test_eventually(wire_is_answered, &hope, 3000, "it serves as before");
    metric_expect(service, "awaitd_tasks_active", 0);
}

static const struct {
    const char *target;
    int64_t more_mib;
} floods[] = {
    {"/hi?delay=300ms", 12},
    {"/parallel?count=100&delay=300ms", 16},
    {"/parallel?count=1000&delay=300ms&timeline=true", 32},
    {"/parallel?count=20000&delay=300ms", 64},
};

static void a_flood_past_the_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(floods); i++) {
        struct service service;
        start_with_memory(&service, (rlim_t)floods[i].more_mib << 20);
        struct tally tally = ask_all_at_once(&service, floods[i].target);
        assert_true(is_alive(&service));
        print_message("%s: %d served, %d refused, %d cut, %.0f pauses\n", floods[i].target,
                      tally.served, tally.refused, tally.cut,
                      metric_of(&service, "awaitd_accept_pauses_total"));
        assert_true(tally.served >= 10);
        assert_true(tally.refused > 0 || metric_of(&service, "awaitd_accept_pauses_total") > 0);
        assert_int_equal(tally.cut, 0);
        expect_recovered(&service);
        service_stop(&service);
    }
}

/* A head may have 400 KiB before libh2o refuses it: so may each of these. */
static void large_heads_past_the_memory(void **state)
{
    enum { HEAD_BYTES = 300000, HEADS = 400 };
    static int fds[HEADS];
    struct service service;
    (void)state;
    start_with_memory(&service, (rlim_t)24 << 20);
    char *head = malloc(HEAD_BYTES);
    assert_non_null(head);
    memset(head, 'x', HEAD_BYTES);
    for (int i = 0; i < HEADS; i++) {
        fds[i] = raw_connect(&service);
        raw_send(fds[i], "GET /hi HTTP/1.1\r\nX: ");
        (void)send(fds[i], head, HEAD_BYTES, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    test_nap_ms(300);
    for (int i = 0; i < HEADS; i++)
        (void)send(fds[i], head, HEAD_BYTES / 4, MSG_NOSIGNAL | MSG_DONTWAIT);
    struct wire_hope cut = {&service, "/hi?delay=0", 200};
    test_eventually(wire_is_answered, &cut, SOON_MS, "others are served in between");
    assert_true(metric_of(&service, "awaitd_connections_cut_total{reason=\"memory\"}") > 0);
    for (int i = 0; i < HEADS; i++)
        (void)close(fds[i]);
    free(head);
    expect_recovered(&service);
    service_stop(&service);
}

/* Sanitizers map terabytes for themselves, so nothing can be limited under them. */
static int without_sanitizers(void **state)
{
    (void)state;
    if (IS_SANITIZED)
        print_message("SKIP: memory cannot be limited under a sanitizer\n");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_past_the_memory),
        cmocka_unit_test(large_heads_past_the_memory),
    };
    if (IS_SANITIZED)
        return without_sanitizers(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
