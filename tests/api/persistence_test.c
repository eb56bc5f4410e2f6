/*
 * When a connection goes on after its answer: HTTP/1.1 does unless "close" is among Connection's
 * words, HTTP/1.0 only if "keep-alive" is and "close" is not (RFC 9112, section 9.3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include "tests/support/wire.h"
#include <stdio.h>
#include <unistd.h>

static const struct {
    const char *fields;
    bool keeps_1_1;
    bool keeps_1_0;
} cases[] = {
    {"", true, false},
    {"Connection: TE\r\nTE: trailers\r\n", true, false},
    {"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n", true,
     false},
    {"Connection: upgrade\r\n", true, false},
    {"Connection: anything\r\n", true, false},
    {"Connection:\r\n", true, false},
    {"Connection: ,\r\n", true, false},
    {"Connection: closed\r\n", true, false},
    {"Connection: x-close\r\n", true, false},
    {"Proxy-Connection: close\r\n", true, false},
    {"Connection: keep-alive\r\n", true, true},
    {"Connection: Keep-Alive, TE\r\n", true, true},
    {"Connection: TE ,\tkeep-alive \r\n", true, true},
    {"Connection: TE\r\nConnection: keep-alive\r\n", true, true},
    {"Connection: close\r\n", false, false},
    {"Connection: CLOSE\r\n", false, false},
    {"Connection: close, x\r\n", false, false},
    {"Connection: x,close\r\n", false, false},
    {"Connection: keep-alive, close\r\n", false, false},
    {"Connection: close, keep-alive\r\n", false, false},
    {"Connection: ,, close ,\r\n", false, false},
    {"Connection: close\r\nConnection: keep-alive\r\n", false, false},
    {"Connection: keep-alive\r\nX: y\r\nconnection: cLoSe\r\n", false, false},
};

static void expect(const char *fields, const char *version, bool keeps)
{
    char request[512];
    int fd = raw_connect(&service);
    (void)snprintf(request, sizeof request, "GET /hi?delay=0 %s\r\nHost: x\r\n%s\r\n", version,
                   fields);
    raw_send(fd, request);
    struct reply reply = wire_read(fd, 5000);
    assert_int_equal(reply.status, 200);
    bool is_said = reply_has(&reply, keeps ? "Connection: keep-alive" : "Connection: close");
    bool has_time = reply_has(&reply, "Keep-Alive: timeout=29");
    reply_free(&reply);
    if (!is_said || has_time != keeps)
        fail_msg("%s is not what it says to %s", keeps ? "keep-alive" : "close", request);
    if (keeps) {
        wire_get(fd, "/nowhere");
        assert_int_equal(wire_status(fd, 5000), 404);
    } else {
        assert_true(raw_is_closed(fd, 5000));
    }
    (void)close(fd);
}

static void close_among_the_words_ends_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect(cases[i].fields, "HTTP/1.1", cases[i].keeps_1_1);
        expect(cases[i].fields, "HTTP/1.0", cases[i].keeps_1_0);
    }
}

/* Libh2o alone knows where a body in chunks ends. */
static void a_body_in_chunks_is_the_last(void **state)
{
    (void)state;
    expect("Connection: TE, keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "HTTP/1.1",
           false);
}

static void an_idle_timeout_below_two_seconds_names_no_time(void **state)
{
    static const char *const options[][3] = {{"--idle-timeout", "1999ms", NULL},
                                             {"--idle-timeout", "2s", NULL}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct service own;
        service_start(&own, options[i]);
        struct reply reply = wire_ask(&own, "/hi?delay=0");
        assert_int_equal(reply_has(&reply, "Keep-Alive: timeout=1"), i == 1);
        reply_free(&reply);
        service_stop(&own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_among_the_words_ends_it),
        cmocka_unit_test(a_body_in_chunks_is_the_last),
        cmocka_unit_test(an_idle_timeout_below_two_seconds_names_no_time),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
