/*
 * Windows that are shut and opened while an answer is written, which would fail an assertion of
 * libh2o's (docs/threats.md); and what comes in while a write is stuck.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/tight_service_case.h"
#include <sys/socket.h>
#include <sys/time.h>

#define PATIENCE_MS 10000

/* More than the kernel takes at once, and answers of one frame each. */
#define HUGE_ANSWER  "/parallel?count=100000&delay=0&timeline=true"
#define SMALL_ANSWER "/parallel?count=800&delay=0"

#define SMALL_ANSWERS 99
#define WIDE          (1 << 24)

/* Reads so many bytes' frames; counts the answers that have ended. */
static int read_some(struct h2 *h2, size_t bytes)
{
    struct h2_frame frame;
    int ended = 0;
    for (size_t got = 0; got < bytes; got += frame.length) {
        if (!h2_read(h2, &frame, PATIENCE_MS))
            return -1;
        ended += frame.type == H2_DATA && (frame.flags & H2_END_STREAM) != 0;
        if (frame.type == H2_RST_STREAM || frame.type == H2_GOAWAY)
            return -1;
    }
    return ended;
}

static void fill_the_socket(struct h2 *h2)
{
    h2_setting(h2, 4, WIDE);
    h2_number(h2, H2_WINDOW_UPDATE, 0, 0x7fff0000);
    h2_get(h2, 1, HUGE_ANSWER, H2_END_STREAM);
    assert_true(h2_send(h2));
    test_nap_ms(TIMES(300, 1000));
    for (uint32_t i = 1; i <= SMALL_ANSWERS; i++)
        h2_get(h2, 2 * i + 1, SMALL_ANSWER, H2_END_STREAM);
    assert_true(h2_send(h2));
}

/*
 * A finished stream stays linked in libh2o until its last bytes are written, and a window that
 * turns from nothing to something meanwhile aborts the process. So: a socket that takes no more,
 * with the ends of some answers in the write that waits for it, and all windows shut and opened.
 * Which write that is depends on the kernel, so this is tried at several points.
 */
static int turn_windows_while_writing(struct h2 *h2)
{
    int ended = 0;
    for (int i = 0; i < 8; i++) {
        int more = read_some(h2, 300000);
        assert_true(more >= 0);
        ended += more;
        test_nap_ms(200);
        h2_setting(h2, 4, 0);
        h2_setting(h2, 4, WIDE);
        assert_true(h2_send(h2));
    }
    return ended;
}

static void window_while_writing(void **state)
{
    struct h2 h2;
    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        h2_open(&h2, &service, is_tls != 0);
        fill_the_socket(&h2);
        int ended = turn_windows_while_writing(&h2);
        while (ended <= SMALL_ANSWERS) {
            int more = read_some(&h2, 1);
            assert_true(more >= 0);
            ended += more;
        }
        h2_close(&h2);
    }
    metric_expect(&service, "awaitd_tasks_active", 0);
}

/* What comes while a write is stuck waits in the kernel once there is much of it. */
static void flood_while_writing(void **state)
{
    struct h2 h2;
    char ping[8] = "12345678";
    int64_t before = service_resident_bytes(&service);
    (void)state;
    h2_open(&h2, &service, false);
    fill_the_socket(&h2);
    const struct timeval patience = {.tv_usec = 500000};
    assert_int_equal(setsockopt(h2.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), 0);
    for (int i = 0; i < 2000000; i++)
        h2_frame(&h2, H2_PING, H2_ACK, 0, ping, sizeof ping);
    assert_false(h2_send(&h2));
    assert_true(service_resident_bytes(&service) - before < TIMES(32, 256) * 1024LL * 1024);
    h2_reset(&h2);
    metric_expect(&service, "awaitd_tasks_active", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_while_writing),
        cmocka_unit_test(flood_while_writing),
    };
    return cmocka_run_group_tests(tests, start_service, stop_tls_service);
}
