/*
 * sleep=blocking does its harm in the cage and nowhere else: such requests hold each other up, all
 * others go on, the queue is bounded, and a client that leaves gives its place back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static double seconds_since(int64_t before_ns)
{
    return (double)(test_now_ns() - before_ns) / 1e9;
}

static double number_of(const struct answer *answer, const char *key)
{
    json_t *json = answer_json(answer);
    double number = json_number_value(json_object_get(json, key));
    json_decref(json);
    return number;
}

/* Asks for a blocking hi() and returns its socket once that has said Hello: it blocks now. */
static int block(const struct service *blocked, const char *delay)
{
    char text[4096] = "";
    char request[256];
    int fd = raw_connect(blocked);
    (void)snprintf(request, sizeof request,
                   "GET /hi?sleep=blocking&format=text&delay=%s HTTP/1.1\r\nHost: x\r\n\r\n",
                   delay);
    raw_send(fd, request);
    raw_read_until(fd, text, sizeof text, "Hello\n", 10000);
    return fd;
}

/* ---- holding each other up ------------------------------------------------------------------ */

/* The second waits for the first, and its elapsed time says so. */
static void blocking_requests_hold_each_other_up(void **state)
{
    (void)state;
    static const double delay_s = 0.4;
    const struct ask plain = {0};
    int64_t before_ns = test_now_ns();
    struct answer *answers = http_many(&service, "/hi?sleep=blocking&delay=400ms", &plain, 2);
    assert_true(seconds_since(before_ns) >= 2 * delay_s);
    double first_s = number_of(&answers[0], "elapsed_seconds");
    double second_s = number_of(&answers[1], "elapsed_seconds");
    double shorter_s = first_s < second_s ? first_s : second_s;
    double longer_s = first_s < second_s ? second_s : first_s;
    assert_true(shorter_s >= delay_s);
    assert_true(longer_s >= 1.5 * delay_s); /* less than both only by how much later it came */
    for (int i = 0; i < 2; i++) {
        double blocked_s = number_of(&answers[i], "loop_blocked_seconds");
        double elapsed_s = number_of(&answers[i], "elapsed_seconds");
        assert_true(blocked_s >= delay_s && blocked_s <= elapsed_s);
        /* Not for the time that it waited for the other. */
        assert_true(elapsed_s < longer_s || blocked_s <= elapsed_s - 0.5 * delay_s);
        answer_free(&answers[i]);
    }
    free(answers);
}

static void nobody_else_notices(void **state)
{
    (void)state;
    char text[4096] = "";
    int blocked = block(&service, "9s");
    /* More than its loops, so each of them answers while the other one blocks. */
    for (int i = 0; i < 8; i++) {
        struct answer answer = http_get(&service, "/hi?delay=10ms");
        assert_int_equal(answer.status, 200);
        answer_free(&answer);
    }
    assert_int_equal(recv(blocked, text, sizeof text, MSG_DONTWAIT), -1);
    (void)close(blocked);
}

/* ---- a bounded queue ------------------------------------------------------------------------ */

static const char *const one_place[] = {"--max-blocking=1", NULL};
static const char *const two_places[] = {"--max-blocking=2", NULL};

static void check_full(const struct service *full, int64_t at_least_s, int64_t at_most_s)
{
    struct answer answer = http_get(full, "/parallel?sleep=blocking&delay=10ms");
    char *retry_after = answer_header(&answer, "Retry-After");
    char *type = answer_header(&answer, "Content-Type");
    assert_int_equal(answer.status, 503);
    assert_string_equal(type, "application/problem+json");
    assert_in_range(strtol(retry_after, NULL, 10), at_least_s, at_most_s);
    assert_non_null(strstr(answer.body, "max_blocking"));
    free(type);
    free(retry_after);
    answer_free(&answer);
}

static bool is_taken(void *context)
{
    struct answer answer = http_get(context, "/hi?sleep=blocking&delay=1ms");
    bool taken = answer.status == 200;
    answer_free(&answer);
    return taken;
}

static void past_the_bound_a_request_is_told_when_to_come_back(void **state)
{
    (void)state;
    struct service small;
    char rest[4096] = "";
    service_start(&small, one_place);
    int blocked = block(&small, "600ms");
    check_full(&small, 1, 1);
    struct answer other = http_get(&small, "/hi?delay=1ms"); /* the bound is the cage's alone */
    assert_int_equal(other.status, 200);
    answer_free(&other);
    raw_read_until(blocked, rest, sizeof rest, "elapsed: ", 10000);
    assert_true(is_taken(&small)); /* at once: what has been answered takes no place */
    (void)close(blocked);
    service_stop(&small);
}

/* Retry-After counts the rest of the one that runs and all of those that wait. */
static void retry_after_is_when_there_should_be_room(void **state)
{
    (void)state;
    struct service small;
    service_start(&small, two_places);
    int running = block(&small, "9s");
    int waiting = raw_connect(&small);
    raw_send(waiting, "GET /hi?sleep=blocking&delay=8s HTTP/1.1\r\nHost: x\r\n\r\n");
    test_nap_ms(300);
    check_full(&small, 10, 18);
    (void)close(waiting);
    (void)close(running);
    service_stop(&small);
}

/* ---- clients that leave --------------------------------------------------------------------- */

static void a_client_that_leaves_ends_its_block(void **state)
{
    (void)state;
    struct service small;
    service_start(&small, one_place);
    int64_t before_ns = test_now_ns();
    (void)close(block(&small, "9s"));
    test_eventually(is_taken, &small, 8000, "room in the cage after its client left");
    assert_true(seconds_since(before_ns) < 9); /* so it was not the end of the block */
    service_stop(&small);
}

static void a_client_that_leaves_the_queue_gives_up_its_place(void **state)
{
    (void)state;
    struct service small;
    char text[4096] = "";
    service_start(&small, two_places);
    int running = block(&small, "9s");
    int waiting = raw_connect(&small);
    raw_send(waiting, "GET /hi?sleep=blocking&delay=9s HTTP/1.1\r\nHost: x\r\n\r\n");
    test_nap_ms(300);
    check_full(&small, 1, 19);
    (void)close(waiting);
    test_nap_ms(300);
    /* Takes the place that became free, and its turn once the one before it has left too. */
    int next = raw_connect(&small);
    raw_send(next, "GET /hi?sleep=blocking&delay=1ms HTTP/1.1\r\nHost: x\r\n\r\n");
    test_nap_ms(300);
    (void)close(running);
    raw_read_until(next, text, sizeof text, "\"elapsed_seconds\"", 5000);
    assert_memory_equal(text, "HTTP/1.1 200 OK\r\n", 17);
    (void)close(next);
    service_stop(&small);
}

/* ---- the end -------------------------------------------------------------------------------- */

/* One that streams, one that blocks behind it and one that waits: none holds up the end. */
static void a_block_does_not_hold_up_the_end(void **state)
{
    (void)state;
    struct service small;
    static const char *const arguments[] = {"--drain-timeout=200ms", NULL};
    static const char request[] = "GET /hi?sleep=blocking&delay=9s HTTP/1.1\r\nHost: x\r\n\r\n";
    char text[4096];
    int waiting[2];
    service_start(&small, arguments);
    int running = block(&small, "9s");
    for (int i = 0; i < 2; i++) {
        waiting[i] = raw_connect(&small);
        raw_send(waiting[i], request);
    }
    test_nap_ms(300);
    int64_t before_ns = test_now_ns();
    service_signal(&small, SIGTERM);
    for (int i = 0; i < 2; i++) {
        assert_true(raw_read(waiting[i], text, sizeof text, 5000) > 0);
        assert_memory_equal(text, "HTTP/1.1 503 ", 13);
        assert_non_null(strstr(text, "drain_timeout"));
        (void)close(waiting[i]);
    }
    assert_true(raw_is_closed(running, 5000));
    (void)close(running);
    assert_int_equal(service_wait(&small, 5000), 0);
    assert_true(seconds_since(before_ns) >= 0.2);
    assert_true(seconds_since(before_ns) < 8); /* so nobody waited for the end of the block */
}

/* Within its time a blocking request is finished like any other. */
static void a_short_block_is_finished_first(void **state)
{
    (void)state;
    struct service small;
    char text[4096] = "";
    service_start(&small, NULL);
    int running = block(&small, "400ms");
    service_signal(&small, SIGTERM);
    raw_read_until(running, text, sizeof text, "elapsed: ", 5000);
    assert_int_equal(service_wait(&small, 5000), 0);
    (void)close(running);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocking_requests_hold_each_other_up),
        cmocka_unit_test(nobody_else_notices),
        cmocka_unit_test(past_the_bound_a_request_is_told_when_to_come_back),
        cmocka_unit_test(retry_after_is_when_there_should_be_room),
        cmocka_unit_test(a_client_that_leaves_ends_its_block),
        cmocka_unit_test(a_client_that_leaves_the_queue_gives_up_its_place),
        cmocka_unit_test(a_block_does_not_hold_up_the_end),
        cmocka_unit_test(a_short_block_is_finished_first),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
