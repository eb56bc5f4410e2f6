/*
 * Answers of the server's own, asked for many times at once: what they are made of is looked up
 * once, so that nobody else waits for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/service_case.h"
#include "tests/support/wire.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 20000
#define STREAMS     100

/* Asks on all streams of one connection, in one go, with windows for all that comes. */
static void ask_often(struct h2 *h2, const char *path)
{
    h2_connect(h2, &service, false);
    h2_bytes(h2, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    h2_setting(h2, 4, 1 << 24);
    h2_number(h2, H2_WINDOW_UPDATE, 0, 1 << 30);
    for (uint32_t i = 0; i < STREAMS; i++)
        h2_get(h2, 2 * i + 1, path, H2_END_STREAM);
    assert_true(h2_send(h2));
}

/* Each page says how much time of the processor was used until it was made. */
static void pages_of_one_turn_are_one_page(void **state)
{
    static const char name[] = "\nprocess_cpu_seconds_total ";
    static char body[STREAMS][100000];
    static size_t bytes[STREAMS];
    struct h2 h2;
    struct h2_frame frame;
    int ended = 0;
    int pages = 0;
    (void)state;
    ask_often(&h2, "/metrics");
    while (ended < STREAMS && h2_read(&h2, &frame, PATIENCE_MS)) {
        size_t i = frame.stream / 2;
        if (frame.type != H2_DATA)
            continue;
        assert_true(bytes[i] + frame.length < sizeof body[i]);
        memcpy(body[i] + bytes[i], frame.payload, frame.length);
        bytes[i] += frame.length;
        ended += (frame.flags & H2_END_STREAM) != 0;
    }
    assert_int_equal(ended, STREAMS);
    for (int i = 0; i < STREAMS; i++) {
        const char *seconds = strstr(body[i], name);
        const char *before = i == 0 ? NULL : strstr(body[i - 1], name);
        assert_non_null(seconds);
        pages += before == NULL || strncmp(seconds, before, sizeof name + 8) != 0;
    }
    print_message("%d pages for %d\n", pages, STREAMS);
    assert_in_range(pages, 1, STREAMS / 4);
    h2_close(&h2);
}

/* But who asks later sees what has happened since. */
static void the_next_turn_has_its_own(void **state)
{
    const char *sample = "http_requests_total{method=\"GET\",route=\"/livez\",code=\"200\"}";
    (void)state;
    for (int i = 1; i <= 20; i++) {
        assert_int_equal(wire_ask_status(&service, "/livez"), 200);
        metric_expect(&service, sample, i); /* it is counted when it is cleared away */
    }
}

static double cpu_seconds(void)
{
    return metric_of(&service, "process_cpu_seconds_total");
}

static double cost_of(const char *target, int times)
{
    double before = cpu_seconds();
    int fd = raw_connect(&service);
    for (int i = 0; i < times; i++) {
        wire_get(fd, target);
        assert_int_equal(wire_status(fd, PATIENCE_MS), 200);
    }
    (void)close(fd);
    return cpu_seconds() - before;
}

/* It is only sent: some times the price of the shortest answer, not a hundred times. */
static void the_document_is_made_once(void **state)
{
    (void)state;
    (void)cost_of("/livez", 200);
    double least = cost_of("/livez", 1000);
    double document = cost_of("/openapi.json", 1000);
    print_message("%.1f times /livez\n", document / least);
    assert_true(document < 8 * least);
}

/* A count of descriptors is taken again after a second. The count before may hold some of the tests
   before this one, which the service has not closed yet. */
static void descriptors_are_counted_again(void **state)
{
    int fds[50];
    (void)state;
    double before = metric_of(&service, "process_open_fds");
    for (size_t i = 0; i < COUNT(fds); i++)
        fds[i] = raw_connect(&service);
    struct metric_hope hope = {&service, "process_open_fds", before + 40, true};
    test_eventually(metric_is, &hope, PATIENCE_MS, "the descriptors of those who came");
    for (size_t i = 0; i < COUNT(fds); i++)
        (void)close(fds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_turn_has_its_own),
        cmocka_unit_test(pages_of_one_turn_are_one_page),
        cmocka_unit_test(the_document_is_made_once),
        cmocka_unit_test(descriptors_are_counted_again),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
