/*
 * Attacks on libh2o's HTTP/2 (docs/threats.md), each with TLS and without: the process lives, the
 * attacker's connection is cut off and the reason counted, a client beside it does not notice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate.h"
#include "tests/support/count.h"
#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/wire.h"
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PATIENCE_MS 10000

static struct certificate certificate;
static struct service service;

static int start_service(void **state)
{
    (void)state;
    certificate_make(&certificate);
    const char *const arguments[] = {"--tls-cert",
                                     certificate.cert,
                                     "--tls-key",
                                     certificate.key,
                                     "--tls-port",
                                     "0",
                                     "--write-timeout",
                                     "1s",
                                     "--max-count",
                                     "100000",
                                     "--max-body",
                                     "1KiB",
                                     "--request-timeout",
                                     "1s",
                                     NULL};
    service_start(&service, arguments);
    return 0;
}

static int stop_service(void **state)
{
    (void)state;
    service_stop(&service);
    certificate_remove(&certificate);
    return 0;
}

static void killed_sample(char *sample, size_t size, const char *cause)
{
    (void)snprintf(sample, size, "awaitd_http2_connections_killed_total{cause=\"%s\"}", cause);
}

static double killed(const char *cause)
{
    char sample[128];
    killed_sample(sample, sizeof sample, cause);
    return metric_of(&service, sample);
}

/* The service answers, another client's connection is as it was, and one more was cut off. */
static void expect_killed(struct h2 *bystander, const char *cause, double before)
{
    char sample[128];
    killed_sample(sample, sizeof sample, cause);
    metric_expect(&service, sample, before + 1);
    h2_get(bystander, 1, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(bystander));
    assert_true(h2_answered(bystander, 1, PATIENCE_MS));
    assert_int_equal(kill(service.pid, 0), 0);
}

/* ---- floods ---------------------------------------------------------------------------------- */

static void flood_pings(struct h2 *h2)
{
    for (int i = 0; i < 300; i++)
        h2_frame(h2, H2_PING, 0, 0, "12345678", 8);
}

static void flood_settings(struct h2 *h2)
{
    for (int i = 0; i < 50; i++)
        h2_setting(h2, 4, 65535);
}

static void flood_priorities(struct h2 *h2)
{
    static const uint8_t priority[5] = {0, 0, 0, 0, 15};
    h2_get(h2, 1, "/hi?delay=5s", H2_END_STREAM);
    for (int i = 0; i < 2000; i++)
        h2_frame(h2, H2_PRIORITY, 0, 1, priority, sizeof priority);
}

static void flood_empty_data(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=0", 0);
    for (int i = 0; i < 300; i++)
        h2_frame(h2, H2_DATA, 0, 1, NULL, 0);
}

static void flood_window_updates(struct h2 *h2)
{
    for (int i = 0; i < 30000; i++)
        h2_number(h2, H2_WINDOW_UPDATE, 0, 1);
}

static void flood_reset_frames(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=0", H2_END_STREAM);
    for (int i = 0; i < 30000; i++)
        h2_number(h2, H2_RST_STREAM, 1, 8);
}

static void flood_unknown_frames(struct h2 *h2)
{
    for (int i = 0; i < 300; i++)
        h2_frame(h2, (enum h2_type)(0x20 + i % 64), 0, 0, "junk", 4);
}

/* ---- header blocks --------------------------------------------------------------------------- */

static void open_block(struct h2 *h2)
{
    uint8_t block[256];
    size_t length = h2_block(block, "GET", "/hi");
    h2_frame(h2, H2_HEADERS, 0, 1, block, length);
}

/* CVE-2024-27316 and its kin: frames that carry nothing, for ever. */
static void flood_continuations(struct h2 *h2)
{
    open_block(h2);
    for (int i = 0; i < 100; i++)
        h2_frame(h2, H2_CONTINUATION, 0, 1, NULL, 0);
}

/* One byte, ":status: 500" of the static table, costs libh2o a field. */
static void bomb_of_fields(struct h2 *h2)
{
    uint8_t fields[4000];
    memset(fields, 0x8e, sizeof fields);
    open_block(h2);
    h2_frame(h2, H2_CONTINUATION, H2_END_HEADERS, 1, fields, sizeof fields);
}

static void bomb_of_bytes(struct h2 *h2)
{
    static uint8_t block[16384];
    size_t length = h2_block(block, "GET", "/hi");
    block[length++] = 0x00;
    block[length++] = 0x01;
    block[length++] = 'x';
    block[length++] = 0x7f; /* a value of 127 + 20,000 bytes */
    block[length++] = (uint8_t)(0x80 | (20000 & 0x7f));
    block[length++] = (uint8_t)(0x80 | (20000 >> 7 & 0x7f));
    block[length++] = 20000 >> 14;
    memset(block + length, 'x', sizeof block - length);
    h2_frame(h2, H2_HEADERS, 0, 1, block, sizeof block);
    h2_frame(h2, H2_CONTINUATION, 0, 1, block + length, 8000);
}

/* ---- streams that come to nothing ------------------------------------------------------------ */

/* CVE-2023-44487. */
static void rapid_reset(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/parallel?delay=5s", H2_END_STREAM);
        h2_number(h2, H2_RST_STREAM, 2 * i + 1, 8);
    }
}

/* The same before a request is whole, so that no handler sees it. */
static void rapid_reset_of_halves(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/hi", 0);
        h2_number(h2, H2_RST_STREAM, 2 * i + 1, 8);
    }
}

/* CVE-2025-8671: the client does something that has libh2o reset the stream. */
static void made_you_reset(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/parallel?delay=5s", H2_END_STREAM);
        h2_number(h2, H2_WINDOW_UPDATE, 2 * i + 1, 0);
    }
}

static void made_you_reset_by_data(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++) {
        h2_get(h2, 2 * i + 1, "/parallel?delay=5s", H2_END_STREAM);
        h2_frame(h2, H2_DATA, 0, 2 * i + 1, "x", 1);
    }
}

static void too_many_streams(struct h2 *h2)
{
    for (uint32_t i = 0; i < 400; i++)
        h2_get(h2, 2 * i + 1, "/hi?delay=5s", H2_END_STREAM);
}

/* ---- slowness -------------------------------------------------------------------------------- */

/* Asks, and lets nothing out: no window, while another stream keeps the connection busy. */
static void stall_by_window(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=10s", H2_END_STREAM);
    h2_setting(h2, 4, 0);
    for (uint32_t i = 1; i < 50; i++)
        h2_get(h2, 2 * i + 1, "/hi?delay=0", H2_END_STREAM);
}

static void never_whole(struct h2 *h2)
{
    h2_get(h2, 1, "/hi?delay=10s", H2_END_STREAM);
    for (uint32_t i = 1; i < 50; i++)
        h2_get(h2, 2 * i + 1, "/hi?delay=0", 0);
}

static void half_a_frame(struct h2 *h2)
{
    h2_bytes(h2, "\0\0\x10\x01", 4);
}

static const struct attack {
    const char *name;
    void (*attack)(struct h2 *h2);
    const char *cause;
} attacks[] = {
    {"pings", flood_pings, "pings"},
    {"settings", flood_settings, "settings"},
    {"priorities", flood_priorities, "priorities"},
    {"empty data", flood_empty_data, "empty_frames"},
    {"window updates", flood_window_updates, "window_updates"},
    {"reset frames", flood_reset_frames, "reset_frames"},
    {"unknown frames", flood_unknown_frames, "other_frames"},
    {"continuations", flood_continuations, "continuations"},
    {"fields", bomb_of_fields, "header_fields"},
    {"bytes", bomb_of_bytes, "header_bytes"},
    {"rapid reset", rapid_reset, "resets"},
    {"rapid reset of halves", rapid_reset_of_halves, "resets"},
    {"made you reset", made_you_reset, "resets"},
    {"made you reset by data", made_you_reset_by_data, "resets"},
    {"too many streams", too_many_streams, "resets"},
    {"no window", stall_by_window, "stalled"},
    {"never whole", never_whole, "slow_request"},
    {"half a frame", half_a_frame, "slow_request"},
};

static void run_attack(const struct attack *attack, bool is_tls)
{
    struct h2 h2;
    struct h2 bystander;
    int error = -1;
    double before = killed(attack->cause);
    print_message("%s%s\n", attack->name, is_tls ? ", TLS" : "");
    h2_open(&bystander, &service, is_tls);
    h2_open(&h2, &service, is_tls);
    attack->attack(&h2);
    (void)h2_send(&h2);
    assert_true(h2_ends(&h2, &error, PATIENCE_MS));
    expect_killed(&bystander, attack->cause, before);
    h2_close(&h2);
    h2_close(&bystander);
}

static void each_attack(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(attacks); i++)
        for (int is_tls = 0; is_tls < 2; is_tls++)
            run_attack(&attacks[i], is_tls != 0);
    metric_expect(&service, "awaitd_tasks_active", 0);
    metric_expect(&service, "http_requests_in_flight", 0);
}

/* The client is told why, where there is a way. */
static void goodbye_has_a_reason(void **state)
{
    struct h2 h2;
    struct h2_frame frame;
    (void)state;
    h2_open(&h2, &service, false);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    flood_pings(&h2);
    (void)h2_send(&h2);
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_int_equal(frame.payload[7], H2_ENHANCE_YOUR_CALM);
    assert_non_null(memmem(frame.payload, frame.length, "too many PING frames", 20));
    h2_close(&h2);
}

/* ---- T1: an assertion of libh2o's ------------------------------------------------------------ */

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

/* ---- memory ---------------------------------------------------------------------------------- */

/* As many bytes of header blocks as the gate lets through, held on every stream of 20 connections:
   without it these would be gigabytes. */
static void memory_is_bounded(void **state)
{
    struct h2 h2[20];
    uint8_t fields[250];
    int64_t before = service_resident_bytes(&service);
    (void)state;
    for (size_t i = 0; i < COUNT(h2); i++) {
        h2_open(&h2[i], &service, false);
        for (uint32_t stream = 1; stream < 200; stream += 2) {
            uint8_t block[512];
            size_t length = h2_block(block, "GET", "/hi");
            memset(fields, 0x8e, sizeof fields);
            memcpy(block + length, fields, sizeof fields - 4);
            h2_frame(&h2[i], H2_HEADERS, H2_END_HEADERS, stream, block, length + sizeof fields - 4);
        }
        (void)h2_send(&h2[i]);
    }
    test_nap_ms(200);
    int64_t grown = service_resident_bytes(&service) - before;
    assert_true(grown < TIMES(128, 1024) * 1024LL * 1024);
    for (size_t i = 0; i < COUNT(h2); i++)
        h2_close(&h2[i]);
}

/* ---- anything -------------------------------------------------------------------------------- */

static uint32_t pick(uint64_t *random, uint32_t below)
{
    *random ^= *random << 13; /* xorshift64 (Marsaglia 2003) */
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)(*random >> 33) % below;
}

static void put_random_frame(struct h2 *h2, uint64_t *random)
{
    static const uint8_t lengths[] = {0, 1, 4, 4, 5, 6, 8, 8, 40, 200};
    uint8_t payload[256];
    uint32_t stream = pick(random, 4) == 0 ? pick(random, 20) : 2 * pick(random, 30) + 1;
    size_t length = lengths[pick(random, COUNT(lengths))];
    for (size_t i = 0; i < length; i++)
        payload[i] = (uint8_t)(pick(random, 3) == 0 ? 0 : pick(random, 256));
    h2_frame(h2, (enum h2_type)pick(random, 12), (int)pick(random, 64), stream, payload, length);
}

/* Good requests, with what belongs to them and what does not. */
static void put_something(struct h2 *h2, uint64_t *random, uint32_t *stream)
{
    static const char *const paths[] = {
        "/hi?delay=0",  "/parallel?delay=2ms", "/livez", "/x", "/sequence?delay=1ms&format=text",
        "/hi?delay=10s"};
    switch (pick(random, 8)) {
    case 0:
        put_random_frame(h2, random);
        break;
    case 1:
        h2_number(h2, H2_RST_STREAM, 2 * pick(random, 30) + 1, 8);
        break;
    case 2:
        h2_number(h2, H2_WINDOW_UPDATE, 2 * pick(random, 30) + 1, pick(random, 3) * 1000);
        break;
    case 3:
        h2_setting(h2, 4, pick(random, 3) * 40);
        break;
    default:
        h2_get(h2, *stream, paths[pick(random, COUNT(paths))],
               pick(random, 4) == 0 ? 0 : H2_END_STREAM);
        *stream += 2;
    }
}

static void random_client(uint64_t *random)
{
    struct h2 h2;
    uint32_t stream = 1;
    bool is_open = true;
    h2_open(&h2, &service, pick(random, 3) == 0);
    for (uint32_t i = pick(random, 60); i > 0 && is_open; i--) {
        put_something(&h2, random, &stream);
        if (pick(random, 10) == 0)
            is_open = h2_send(&h2);
        if (pick(random, 40) == 0)
            test_nap_ms(1);
    }
    (void)h2_send(&h2);
    if (pick(random, 2) == 0)
        h2_close(&h2);
    else
        h2_reset(&h2);
}

static void random_clients(void **state)
{
    uint64_t random = 88172645463325252ULL;
    (void)state;
    int at_rest = wire_descriptors_at_rest(&service);
    for (int i = 0; i < TIMES(2000, 300); i++)
        random_client(&random);
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    wire_expect_descriptors(&service, at_rest);
    metric_expect(&service, "awaitd_tasks_active", 0);
    metric_expect(&service, "http_requests_in_flight", 0);
}

/* ---- T3: a spin while draining --------------------------------------------------------------- */

static void continuation_in_drain(bool is_tls)
{
    struct service draining;
    struct h2 h2;
    struct h2_frame frame;
    const char *const arguments[] = {"--tls-cert", certificate.cert,
                                     "--tls-key",  certificate.key,
                                     "--tls-port", "0",
                                     "--threads",  "1",
                                     NULL};
    service_start_bare(&draining, arguments);
    h2_open(&h2, &draining, is_tls);
    h2_get(&h2, 1, "/hi?delay=3s", H2_END_STREAM);
    uint8_t block[256];
    size_t length = h2_block(block, "GET", "/hi");
    h2_frame(&h2, H2_HEADERS, H2_END_STREAM, 3, block, length);
    assert_true(h2_send(&h2));
    assert_true(h2_read_to(&h2, &frame, H2_SETTINGS, 0, PATIENCE_MS));
    service_signal(&draining, SIGTERM);
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    h2_frame(&h2, H2_CONTINUATION, 0, 3, NULL, 0);
    h2_frame(&h2, H2_CONTINUATION, H2_END_HEADERS, 3, NULL, 0);
    (void)h2_send(&h2);
    /* Ends at once, as nobody is left; a loop that spins is killed by the watchdog, status 1. */
    assert_int_equal(service_wait(&draining, 8000), 0);
    h2_close(&h2);
}

static void continuation_while_draining(void **state)
{
    (void)state;
    continuation_in_drain(false);
    continuation_in_drain(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_attack),
        cmocka_unit_test(goodbye_has_a_reason),
        cmocka_unit_test(window_while_writing),
        cmocka_unit_test(flood_while_writing),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(random_clients),
        cmocka_unit_test(continuation_while_draining),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
