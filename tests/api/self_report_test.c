/* awaitd says of itself what it could not do well: a slow turn of a loop, lines that the log lost.
 */
#include "tests/support/http.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PIPELINED 50

static double metric(const struct service *service, const char *name)
{
    struct answer answer = http_get(service, "/metrics");
    char line[128];
    (void)snprintf(line, sizeof line, "\n%s ", name);
    const char *found = strstr(answer.body, line);
    assert_non_null(found);
    double value = strtod(found + strlen(line), NULL);
    answer_free(&answer);
    return value;
}

/* Asks many at once on one connection and waits for all answers: the last one closes it. */
static void ask_many(const struct service *service, const char *target)
{
    char requests[PIPELINED * 128] = "";
    size_t length = 0;
    for (int i = 0; i < PIPELINED; i++)
        length += (size_t)snprintf(requests + length, sizeof requests - length,
                                   "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", target,
                                   i == PIPELINED - 1 ? "Connection: close\r\n" : "");
    int fd = raw_connect(service);
    raw_send(fd, requests);
    assert_true(raw_is_closed(fd, 60000));
    (void)close(fd);
}

/* ---- a slow turn ----------------------------------------------------------------------------- */

struct load {
    const struct service *service;
    pthread_t thread;
    atomic_bool is_over;
};

static void *keep_busy(void *argument)
{
    struct load *load = argument;
    while (!atomic_load(&load->is_over))
        ask_many(load->service, "/parallel?count=1000&delay=0");
    return NULL;
}

/* The process is stopped from outside until it has hit a loop at work, not at rest. */
static bool hits_a_turn(const struct service *service, int tries)
{
    for (int i = 0; i < tries; i++) {
        service_signal(service, SIGSTOP);
        test_nap_ms(150);
        service_signal(service, SIGCONT);
        test_nap_ms(20);
        if (metric(service, "awaitd_slow_turns_total") > 0)
            return true;
    }
    return false;
}

static void a_slow_turn_is_counted_and_logged(void **state)
{
    (void)state;
    char line[4096];
    bool is_logged = false;
    struct service service;
    service_start(&service, (const char *const[]){"--log", "text", NULL});
    struct load load = {.service = &service};
    assert_int_equal(pthread_create(&load.thread, NULL, keep_busy, &load), 0);
    bool is_hit = hits_a_turn(&service, 60);
    atomic_store(&load.is_over, true);
    assert_int_equal(pthread_join(load.thread, NULL), 0);
    assert_true(is_hit);
    while (!is_logged && fgets(line, sizeof line, service.output) != NULL)
        is_logged = strstr(line, "Z awaitd: event loop ") != NULL &&
                    strstr(line, " ms in one turn\n") != NULL;
    assert_true(is_logged);
    service_signal(&service, SIGKILL);
    (void)service_wait(&service, 5000);
}

/* ---- lost lines ------------------------------------------------------------------------------ */

/* Nobody reads our end of the pipe: requests are answered all the same. */
static void lost_lines_are_counted_and_nobody_waits(void **state)
{
    (void)state;
    struct service service;
    service_start(&service, (const char *const[]){"--log", "json", NULL});
    for (int i = 0; i < 400 && metric(&service, "awaitd_log_dropped_lines_total") < 1; i++)
        ask_many(&service, "/nowhere/with/a/name/that/makes/the/line/in/the/log/somewhat/longer");
    assert_true(metric(&service, "awaitd_log_dropped_lines_total") > 0);
    struct answer answer = http_get(&service, "/hi?delay=1ms");
    assert_int_equal(answer.status, 200);
    answer_free(&answer);
    service_stop(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_turn_is_counted_and_logged),
        cmocka_unit_test(lost_lines_are_counted_and_nobody_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
