/*
 * The streams of an HTTP/2 connection: many at a time, each with its own id, line and cancel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/tls_service_case.h"

#define PATIENCE_MS 10000

/* ---- many at a time -------------------------------------------------------------------------- */

/* A hundred that wait a second take one, and the last asked is not the last answered. */
static void a_hundred_at_once(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    int answers = 0;
    uint32_t first = 0;
    (void)state;
    h2_open(&h2, &service, true);
    int64_t start_ns = test_now_ns();
    for (uint32_t i = 0; i < 100; i++)
        h2_get(&h2, 2 * i + 1, i == 99 ? "/hi?delay=200ms" : "/hi?delay=1s", H2_END_STREAM);
    assert_true(h2_send(&h2));
    while (answers < 100 && h2_read(&h2, &frame, PATIENCE_MS)) {
        bool has_ended = frame.type == H2_DATA && (frame.flags & H2_END_STREAM) != 0;
        first = has_ended && answers == 0 ? frame.stream : first;
        answers += has_ended;
    }
    assert_int_equal(answers, 100);
    assert_int_equal(first, 199);
    assert_true(test_now_ns() - start_ns < 50 * 1000000000LL);
    h2_close(&h2);
}

/* How many at once is an option; who asks for more before he has heard of it may try again. */
static void as_many_as_there_may_be(void **state)
{
    struct service wide;
    struct h2 h2;
    struct h2_frame frame;
    int answers = 0;
    (void)state;
    service_start(&wide, (const char *const[]){"--http2-max-streams", "300", NULL});
    h2_open(&h2, &wide, false);
    for (uint32_t i = 0; i < 301; i++)
        h2_get(&h2, 2 * i + 1, "/hi?delay=500ms", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_read(&h2, &frame, PATIENCE_MS));
    assert_memory_equal(frame.payload, "\0\x03\0\0\x01\x2c", 6);
    assert_int_equal(h2_reset_code(&h2, 601, PATIENCE_MS), H2_REFUSED_STREAM);
    while (answers < 300 && h2_read(&h2, &frame, PATIENCE_MS))
        answers += frame.type == H2_DATA && (frame.flags & H2_END_STREAM) != 0;
    assert_int_equal(answers, 300);
    h2_close(&h2);
    service_stop(&wide);
}

static void read_line(const struct service *from, char *line, size_t size)
{
    assert_non_null(fgets(line, (int)size, from->output));
}

/* Each stream has a line, an id and a duration of its own. */
static void the_log_is_by_stream(void **state)
{
    struct service logged;
    struct h2 h2;
    json_t *lines[3];
    (void)state;
    service_start(&logged, (const char *const[]){"--log", "json", NULL});
    h2_open(&h2, &logged, false);
    h2_get(&h2, 1, "/parallel?delay=500ms&count=5", H2_END_STREAM);
    h2_get(&h2, 3, "/hi?delay=0", H2_END_STREAM);
    h2_get(&h2, 5, "/hi?delay=10s", H2_END_STREAM);
    h2_number(&h2, H2_RST_STREAM, 5, 8);
    assert_true(h2_send(&h2));
    for (size_t i = 0; i < COUNT(lines); i++) {
        char line[2048];
        read_line(&logged, line, sizeof line);
        lines[i] = json_loads(line, 0, NULL);
        assert_non_null(lines[i]);
        assert_string_equal(json_string_value(json_object_get(lines[i], "protocol")), "HTTP/2");
    }
    static const struct {
        int status;
        int tasks;
        const char *route;
        const char *outcome;
    } expected[] = {
        {499, 1, "/hi", "cancelled"}, {200, 1, "/hi", "done"}, {200, 5, "/parallel", "done"}};
    for (size_t i = 0; i < COUNT(lines); i++) {
        assert_int_equal(json_integer_value(json_object_get(lines[i], "status")),
                         expected[i].status);
        assert_int_equal(json_integer_value(json_object_get(lines[i], "tasks")), expected[i].tasks);
        assert_string_equal(json_string_value(json_object_get(lines[i], "route")),
                            expected[i].route);
        assert_string_equal(json_string_value(json_object_get(lines[i], "outcome")),
                            expected[i].outcome);
    }
    assert_string_not_equal(json_string_value(json_object_get(lines[1], "request_id")),
                            json_string_value(json_object_get(lines[2], "request_id")));
    assert_true(json_number_value(json_object_get(lines[1], "duration_ms")) <
                json_number_value(json_object_get(lines[2], "duration_ms")));
    for (size_t i = 0; i < COUNT(lines); i++)
        json_decref(lines[i]);
    h2_close(&h2);
    service_stop(&logged);
}

/* ---- giving up ------------------------------------------------------------------------------- */

static void a_cancelled_stream_cancels_its_tasks(void **state)
{
    struct h2 h2;
    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        double left = metric_of(&service, "awaitd_client_disconnects_total");
        h2_open(&h2, &service, is_tls != 0);
        h2_get(&h2, 1, "/parallel?delay=10s&count=1000", H2_END_STREAM);
        h2_get(&h2, 3, "/parallel?delay=10s&count=10", H2_END_STREAM);
        assert_true(h2_send(&h2));
        metric_expect(&service, "awaitd_tasks_active", 1010);
        h2_number(&h2, H2_RST_STREAM, 1, 8);
        assert_true(h2_send(&h2));
        metric_expect(&service, "awaitd_tasks_active", 10);
        metric_expect(&service, "awaitd_client_disconnects_total", left + 1);
        h2_close(&h2);
        metric_expect(&service, "awaitd_tasks_active", 0);
        metric_expect(&service, "awaitd_client_disconnects_total", left + 2);
    }
    metric_expect(&service, "http_requests_in_flight", 0);
}

/* In the cage too, and while its lines are being sent. */
static void cancelled_in_the_cage_and_in_between(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    h2_open(&h2, &service, false);
    h2_get(&h2, 1, "/hi?delay=10s&sleep=blocking", H2_END_STREAM);
    h2_get(&h2, 3, "/parallel?delay=10s&format=text", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_DATA, 3, PATIENCE_MS));
    assert_memory_equal(frame.payload, "Hello\n", 6);
    metric_expect(&service, "awaitd_tasks_active", 4);
    h2_number(&h2, H2_RST_STREAM, 1, 8);
    h2_number(&h2, H2_RST_STREAM, 3, 8);
    h2_get(&h2, 5, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, 5, PATIENCE_MS));
    metric_expect(&service, "awaitd_tasks_active", 0);
    h2_close(&h2);
}

/* Two hundred in ten seconds may; the next is too many (tests/hostile has it). */
static void some_may_be_abandoned(void **state)
{
    struct h2 h2;
    (void)state;
    h2_open(&h2, &service, true);
    for (uint32_t i = 0; i < 200; i++) {
        h2_get(&h2, 2 * i + 1, "/hi?delay=10s", H2_END_STREAM);
        h2_number(&h2, H2_RST_STREAM, 2 * i + 1, 8);
    }
    h2_get(&h2, 401, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, 401, PATIENCE_MS));
    h2_close(&h2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_at_once),
        cmocka_unit_test(as_many_as_there_may_be),
        cmocka_unit_test(the_log_is_by_stream),
        cmocka_unit_test(a_cancelled_stream_cancels_its_tasks),
        cmocka_unit_test(cancelled_in_the_cage_and_in_between),
        cmocka_unit_test(some_may_be_abandoned),
    };
    return cmocka_run_group_tests(tests, start_tls_service, stop_tls_service);
}
