/*
 * HTTP/1.x on the wire: what comes in one segment or byte by byte, what is kept open and what is
 * closed, and what is not HTTP/1 at all.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/scale.h"
#include "tests/support/service_case.h"
#include "tests/support/wire.h"

#define SOON_MS 5000

/* ---- keep-alive ------------------------------------------------------------------------------ */

static void a_connection_is_used_again(void **state)
{
    (void)state;
    int fd = raw_connect(&service);
    for (int i = 0; i < 50; i++) {
        wire_get(fd, i % 3 == 0 ? "/hi?delay=0&format=text" : i % 3 == 1 ? "/hi?delay=0" : "/no");
        assert_int_equal(wire_status(fd, SOON_MS), i % 3 == 2 ? 404 : 200);
    }
    (void)close(fd);
}

static const struct {
    const char *request;
    int status;
    bool is_kept;
} persistence[] = {
    {"GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", 200, true},
    {"GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", 200, true},
    {"GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, false},
    {"GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n", 200, false},
    {"GET /hi?delay=0&format=text HTTP/1.1\r\nHost: x\r\n\r\n", 200, true},
    {"GET /hi?delay=0&format=text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, false},
    {"GET /hi?delay=0 HTTP/1.0\r\n\r\n", 200, false},
    {"GET /hi?delay=0 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, true},
    {"GET /hi?delay=0&format=text HTTP/1.0\r\n\r\n", 200, false},
    {"GET /hi?delay=0&format=text HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, true},
    /* Without chunks and without a length only the connection's end can say that it is whole. */
    {"GET /hi?delay=50ms&format=text HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, false},
    {"GET /parallel?count=1000&delay=0 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, false},
    {"POST /hi HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 405, true},
    {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 204, true},
    {"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 404, true},
    {"GET /hi?delay=0 HTTP/1.1\r\n\r\n", 400, true},
};

static void what_is_kept_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(persistence); i++) {
        int fd = raw_connect(&service);
        raw_send(fd, persistence[i].request);
        struct reply reply = wire_read(fd, SOON_MS);
        if (reply.status != persistence[i].status || !reply.is_whole)
            fail_msg("%d to %s", reply.status, persistence[i].request);
        assert_int_equal(reply_has(&reply, "Connection: close"), !persistence[i].is_kept);
        reply_free(&reply);
        if (persistence[i].is_kept) {
            wire_get(fd, "/hi?delay=0");
            assert_int_equal(wire_status(fd, SOON_MS), 200);
        } else {
            assert_true(raw_is_closed(fd, SOON_MS));
        }
        (void)close(fd);
    }
}

/* ---- pipelining ------------------------------------------------------------------------------ */

/* The answers come in the order of the questions, however long each takes. */
static void pipelined_in_one_segment(void **state)
{
    static const char *const outputs[] = {"[\"Hello\", \"Hello\", \"World\", \"World\"]",
                                          "[\"Hello\", \"World\"]",
                                          "[\"Hello\", \"World\", \"Hello\", \"World\"]"};
    (void)state;
    int fd = raw_connect(&service);
    raw_send(fd, "GET /parallel?count=2&delay=200ms HTTP/1.1\r\nHost: x\r\n\r\n"
                 "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /"
                 "GET /sequence?count=2&delay=1ms HTTP/1.1\r\nHost: x\r\n\r\n"
                 "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"
                 "GET /hi?delay=0&format=text HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                 "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    for (int i = 0; i < 3; i++) {
        struct reply reply = wire_read(fd, SOON_MS);
        assert_int_equal(reply.status, 200);
        assert_non_null(strstr(reply.body, outputs[i]));
        reply_free(&reply);
    }
    assert_int_equal(wire_status(fd, SOON_MS), 404);
    assert_int_equal(wire_status(fd, SOON_MS), 200);
    assert_int_equal(wire_status(fd, SOON_MS), 0); /* nothing follows a close */
    (void)close(fd);
}

static void a_hundred_pipelined(void **state)
{
    char all[8192] = "";
    size_t length = 0;
    (void)state;
    for (int i = 0; i < 100; i++)
        length +=
            (size_t)snprintf(all + length, sizeof all - length,
                             "GET /parallel?count=%d&delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", i + 1);
    int fd = raw_connect(&service);
    raw_send(fd, all);
    for (size_t i = 1; i <= 100; i++) {
        struct reply reply = wire_read(fd, SOON_MS);
        json_t *json = json_loadb(reply.body, reply.body_bytes, 0, NULL);
        assert_int_equal(reply.status, 200);
        assert_int_equal(json_array_size(json_object_get(json, "output")), 2 * i);
        json_decref(json);
        reply_free(&reply);
    }
    (void)close(fd);
}

/* ---- in pieces ------------------------------------------------------------------------------- */

static void byte_by_byte(void **state)
{
    static const char request[] = "POST /hi HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok"
                                  "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n"
                                  "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    int at_once = 1;
    (void)state;
    int fd = raw_connect(&service);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    for (size_t i = 0; i < sizeof request - 1; i++) {
        char byte[2] = {request[i], '\0'};
        raw_send(fd, byte);
        /* Now and then the server is certain to have read what there is. */
        if (i % 16 == 0)
            test_nap_ms(1);
    }
    assert_int_equal(wire_status(fd, SOON_MS), 405);
    assert_int_equal(wire_status(fd, SOON_MS), 200);
    assert_int_equal(wire_status(fd, SOON_MS), 200);
    (void)close(fd);
}

static void an_empty_line_before_the_request(void **state)
{
    (void)state;
    int fd = raw_connect(&service);
    raw_send(fd, "\r\nGET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(wire_status(fd, SOON_MS), 200);
    raw_send(fd, "\r\nGET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(wire_status(fd, SOON_MS), 200);
    (void)close(fd);
}

static void expect_100_continue(void **state)
{
    (void)state;
    int fd = raw_connect(&service);
    raw_send(fd, "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
                 "Expect: 100-continue\r\n\r\n");
    char line[26];
    assert_int_equal(raw_read(fd, line, sizeof line, SOON_MS), 25);
    assert_string_equal(line, "HTTP/1.1 100 Continue\r\n\r\n");
    raw_send(fd, "body");
    assert_int_equal(wire_status(fd, SOON_MS), 200);
    (void)close(fd);
}

/* ---- what is not HTTP/1 ---------------------------------------------------------------------- */

/* Answered 400, or closed without a word: never served, never left hanging. */
static const char *const garbage[] = {
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r!",
    "\x16\x03\x01\x02\x05\x01\x01\xfc\x03\x03 hello, TLS",
    "GET\r\n\r\n",
    "GET /hi\r\n\r\n",
    "GET /hi?delay=0 HTTP/2.0\r\nHost: x\r\n\r\n",
    "GET /hi?delay=0 HTTP/9.9\r\nHost: x\r\n\r\n",
    "GET /hi?delay=0 HTTX/1.1\r\nHost: x\r\n\r\n",
    "GET /hi?delay=0 HTTP/1.1\r\nHost : x\r\n\r\n",
    "GET /hi?delay=0 HTTP/1.1\r\nHo\x01st: x\r\n\r\n",
    "GET /hi?delay=0 HTTP/1.1\r\n: x\r\n\r\n",
    "GET /hi?delay=0 HTTP/1.1\r\nno colon\r\n\r\n",
    "\x80\x81\x82\x83\r\n\r\n",
    "<?xml version='1.0'?>\r\n\r\n",
    "\r\n\r\n\r\n\r\n",
};

static void garbage_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        int fd = raw_connect(&service);
        raw_send(fd, garbage[i]);
        int status = wire_status(fd, SOON_MS);
        if (status != 400 && status != 0)
            fail_msg("%d to %s", status, garbage[i]);
        assert_true(raw_is_closed(fd, SOON_MS));
        (void)close(fd);
    }
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
}

/* RFC 9110, section 7.8: a server may ignore it, and
   this one must (docs/decisions/0004-libh2o.md). */
static void no_upgrade_to_http_2(void **state)
{
    (void)state;
    int fd = raw_connect(&service);
    raw_send(fd, "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                 "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
    struct reply reply = wire_read(fd, SOON_MS);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.body, "\"output\": [\"Hello\", \"World\"]"));
    assert_null(strcasestr(reply.head, "upgrade"));
    reply_free(&reply);
    (void)close(fd);
}

/* Refused while it comes. */
static void a_very_long_target(void **state)
{
    static const struct {
        size_t bytes;
        int status;
    } rows[] = {{1000, 400}, {9000, 400}, {16000, 400}, {17000, 414}, {600000, 414}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *request = malloc(rows[i].bytes + 100);
        assert_non_null(request);
        int start = sprintf(request, "GET /hi?x=");
        memset(request + start, 'y', rows[i].bytes);
        (void)sprintf(request + (size_t)start + rows[i].bytes, " HTTP/1.1\r\nHost: x\r\n\r\n");
        int fd = raw_connect(&service);
        /* Refused half-way, the rest of it cannot be sent. */
        (void)send(fd, request, strlen(request), MSG_NOSIGNAL);
        assert_int_equal(wire_status(fd, SOON_MS), rows[i].status);
        (void)close(fd);
        free(request);
    }
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_used_again),
        cmocka_unit_test(what_is_kept_open),
        cmocka_unit_test(pipelined_in_one_segment),
        cmocka_unit_test(a_hundred_pipelined),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(an_empty_line_before_the_request),
        cmocka_unit_test(expect_100_continue),
        cmocka_unit_test(garbage_is_refused),
        cmocka_unit_test(no_upgrade_to_http_2),
        cmocka_unit_test(a_very_long_target),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
