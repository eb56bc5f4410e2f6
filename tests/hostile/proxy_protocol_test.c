/*
 * --proxy-protocol on, and clients that send no PROXY header, or half of one, or none in time: each
 * loses its connection without an answer, is counted, and leaves nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/log_line.h"
#include "tests/support/proxy_header.h"
#include "tests/support/scale.h"
#include "tests/support/tls_service_case.h"
#include "tests/support/wire.h"
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOON_MS    10000
#define TIMEOUT_MS 500
#define NO_HEADER  "awaitd_connections_cut_total{reason=\"proxy_protocol\"} "
#define TOO_SLOW   "awaitd_connections_cut_total{reason=\"request_timeout\"} "
#define FAILED     "awaitd_tls_handshakes_total{outcome=\"failed\"} "

static int start(void **state)
{
    (void)state;
    return start_tls_service_with(
        (const char *const[]){"--proxy-protocol", "on", "--request-timeout", "500ms", NULL});
}

/* As metric_of(), from behind a proxy; `sample` ends with a space. */
static long count_of(const char *sample)
{
    static char page[1 << 17];
    raw_exchange(&service, "PROXY UNKNOWN\r\nGET /metrics HTTP/1.0\r\n\r\n", page, sizeof page);
    const char *line = strstr(page, sample);
    assert_non_null(line);
    return strtol(line + strlen(sample), NULL, 10);
}

struct hope {
    const char *sample;
    long count;
};

static bool is_counted(void *context)
{
    const struct hope *hope = context;
    return count_of(hope->sample) == hope->count;
}

static void expect_count(const char *sample, long count)
{
    struct hope hope = {sample, count};
    test_eventually(is_counted, &hope, SOON_MS, sample);
}

static int connect_to(int port)
{
    struct service at = service;
    at.port = port;
    return raw_connect(&at);
}

/* Not one byte, as nothing says what it would understand. */
static void expect_silent_end(int fd)
{
    char byte;
    struct pollfd end = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&end, 1, SOON_MS), 1);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    (void)close(fd);
}

static const struct {
    const char *bytes;
    size_t length;
} wrong[] = {
#define WRONG(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
    WRONG("GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n"),
    WRONG("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"),
    WRONG("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"), /* a TLS hello begins so */
    WRONG("proxy unknown\r\n"),
    WRONG("PROXY\r\n"),
    WRONG("PROXY UNKNOWN\n"),
    WRONG("PROXY TCP4 localhost 10.0.0.1 1 2\r\n"),
    WRONG("PROXY TCP4 192.0.2.7 10.0.0.1 1 65536\r\n"),
    WRONG("PROXY UNKNOWN 01234567890123456789012345678901234567890123456789012345678901234567890123"
          "45678901234567890123456789"),
    WRONG(PROXY_V2_SIGNATURE "\x11\x11\0\x0c"),   /* version 1 in binary */
    WRONG(PROXY_V2_SIGNATURE "\x22\x11\0\x0c"),   /* no command */
    WRONG(PROXY_V2_SIGNATURE "\x21\x51\0\x0c"),   /* no family */
    WRONG(PROXY_V2_SIGNATURE "\x21\x11\0\x0b"),   /* too short for its addresses */
    WRONG(PROXY_V2_SIGNATURE "\x21\x11\xff\xff"), /* too long */
    WRONG(PROXY_V2_SIGNATURE "\x20\0\x10\0"),
    WRONG("\r\n\r\n\0\r\nQUIT\r"),
    WRONG("\0"),
};

static void without_a_header_there_is_no_service(void **state)
{
    (void)state;
    int at_rest = service_descriptors(&service);
    long before = count_of(NO_HEADER);
    long failed = count_of(FAILED);
    const int ports[] = {service.port, certificate_port(&service)};
    for (size_t i = 0; i < COUNT(wrong); i++)
        for (size_t j = 0; j < COUNT(ports); j++) {
            int fd = connect_to(ports[j]);
            assert_int_equal(send(fd, wrong[i].bytes, wrong[i].length, MSG_NOSIGNAL),
                             wrong[i].length);
            expect_silent_end(fd);
        }
    expect_count(NO_HEADER, before + (long)(COUNT(wrong) * COUNT(ports)));
    assert_int_equal(count_of(FAILED), failed); /* no hands were shaken */
    assert_true(service_descriptors(&service) <= at_rest + 8);
}

/* Health checks that only connect are no fault, with a header, with half of one and without. */
static void who_says_nothing_more_and_leaves_is_not_counted(void **state)
{
    (void)state;
    static const char *const beginnings[] = {"", "PROXY TCP4 192", "PROXY UNKNOWN\r\n"};
    long before = count_of(NO_HEADER);
    const int ports[] = {service.port, certificate_port(&service)};
    for (size_t i = 0; i < 4 * COUNT(beginnings); i++) {
        int fd = connect_to(ports[i / COUNT(beginnings) % 2]);
        raw_send(fd, beginnings[i % COUNT(beginnings)]);
        if (i < 2 * COUNT(beginnings))
            wire_reset(fd);
        else
            (void)close(fd);
    }
    test_nap_ms(50);
    assert_int_equal(count_of(NO_HEADER), before);
}

static const char *const slow[] = {"", "P", "PROXY UNKNOWN", "\r\n\r\n", "PROXY UNKNOWN\r\nGET /"};

/* The last one has its header, and is slow with its request: bytes keep coming, and do not help. */
static void a_slow_header_is_cut_off(void **state)
{
    (void)state;
    long before = count_of(TOO_SLOW);
    for (size_t i = 0; i < COUNT(slow); i++) {
        bool has_header = i == COUNT(slow) - 1;
        int fd = raw_connect(&service);
        struct pollfd end = {.fd = fd, .events = POLLIN};
        int64_t start_ns = test_now_ns();
        raw_send(fd, slow[i]);
        while (poll(&end, 1, 20) == 0)
            if (has_header)
                (void)send(fd, "x", 1, MSG_NOSIGNAL);
        assert_true(test_now_ns() - start_ns >= TIMEOUT_MS * 900000LL);
        if (has_header)
            assert_int_equal(wire_status(fd, SOON_MS), 408);
        else
            expect_silent_end(fd);
    }
    expect_count(TOO_SLOW, before + (long)COUNT(slow));
}

/* A long TLV at a byte each few milliseconds: within its bound, but not within its time. */
static void a_long_header_that_trickles_is_cut_off(void **state)
{
    (void)state;
    static const char begin[] = PROXY_V2_SIGNATURE "\x21\x11\x0f\xf0";
    int fd = connect_to(certificate_port(&service));
    struct pollfd end = {.fd = fd, .events = POLLIN};
    assert_int_equal(send(fd, begin, sizeof begin - 1, MSG_NOSIGNAL), sizeof begin - 1);
    int sent = 0;
    for (; sent < 4080 && poll(&end, 1, 5) == 0; sent++)
        (void)send(fd, "x", 1, MSG_NOSIGNAL);
    assert_true(sent < 4080);
    expect_silent_end(fd);
}

/* A good header, and then nonsense in the same packet, where TLS has to begin with what is left. */
static void junk_behind_the_header_is_tls_junk(void **state)
{
    (void)state;
    static const char junk[] = PROXY_V1 "\x16\x03\x01\0\x05junk!junk!junk!";
    long failed = count_of(FAILED);
    for (size_t length = sizeof PROXY_V1; length < sizeof junk; length++) {
        int fd = connect_to(certificate_port(&service));
        assert_int_equal(send(fd, junk, length, MSG_NOSIGNAL), length);
        (void)shutdown(fd, SHUT_WR);
        assert_true(raw_is_closed(fd, SOON_MS));
        (void)close(fd);
    }
    expect_count(FAILED, failed + (long)(sizeof junk - sizeof PROXY_V1));
}

static void a_connection_without_a_header_has_its_line(void **state)
{
    (void)state;
    struct service logging;
    service_start(&logging, (const char *const[]){"--proxy-protocol", "on", "--log", "json", NULL});
    int fd = raw_connect(&logging);
    raw_send(fd, "GET / HTTP/1.1\r\n\r\n");
    json_t *line = log_next(&logging);
    assert_string_equal(log_text(line, "level"), "warn");
    assert_string_equal(log_text(line, "msg"), "connection without a PROXY header");
    assert_string_equal(log_text(line, "peer_ip"), "127.0.0.1");
    json_decref(line);
    expect_silent_end(fd);
    service_stop(&logging);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_header_there_is_no_service),
        cmocka_unit_test(who_says_nothing_more_and_leaves_is_not_counted),
        cmocka_unit_test(a_slow_header_is_cut_off),
        cmocka_unit_test(a_long_header_that_trickles_is_cut_off),
        cmocka_unit_test(junk_behind_the_header_is_tls_junk),
        cmocka_unit_test(a_connection_without_a_header_has_its_line),
    };
    return cmocka_run_group_tests(tests, start, stop_tls_service);
}
