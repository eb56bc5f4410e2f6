/*
 * Requests that two servers in a row may read differently, so that what is one request to the first
 * is two to the second ("smuggling", RFC 9112, section 11.2). Each shape is followed by a request
 * for /nowhere on the same connection; what happens to both is what the table says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/metric.h"
#include "tests/support/service_case.h"
#include "tests/support/wire.h"

#define SOON_MS 10000

#define GET     "GET /hi?delay=0 HTTP/1.1\r\n"
#define HOST    GET "Host: x\r\n"
#define CHUNKED HOST "Transfer-Encoding: chunked\r\n\r\n"
#define NEXT    "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"

enum fate {
    SERVED,       /* and so is the next */
    SERVED_ALONE, /* and the connection is closed: what follows is not read */
    REFUSED,      /* with a problem, and closed */
};

struct shape {
    const char *name;
    const char *bytes;
    size_t length;
    enum fate fate;
};

#define SHAPE(name, bytes, fate)                                                                   \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, fate                                                       \
    }

static const struct shape shapes[] = {
    SHAPE("nothing odd", HOST "\r\n", SERVED),
    SHAPE("a body with a length", HOST "Content-Length: 3\r\n\r\nabc", SERVED),
    SHAPE("a body that looks like a request",
          HOST "Content-Length: 20\r\n\r\nGET /x HTTP/1.1\r\n\r\n\n", SERVED),

    /* Two lengths. */
    SHAPE("CL and TE", HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          REFUSED),
    SHAPE("TE and CL", HOST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
          REFUSED),
    SHAPE("CL and TE, odd case",
          HOST "cOnTeNt-lEnGtH: 5\r\ntRANSFER-encoding: chunked\r\n\r\n0\r\n\r\n", REFUSED),
    SHAPE("CL twice, different", HOST "Content-Length: 3\r\nContent-Length: 0\r\n\r\nabc", REFUSED),
    SHAPE("CL twice, the same", HOST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", REFUSED),
    SHAPE("CL as a list", HOST "Content-Length: 3, 3\r\n\r\nabc", REFUSED),
    SHAPE("TE twice",
          HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          REFUSED),
    SHAPE("TE identity, then chunked",
          HOST "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          REFUSED),

    /* A length that is no number, or no encoding that there is. */
    SHAPE("CL +3", HOST "Content-Length: +3\r\n\r\nabc", REFUSED),
    SHAPE("CL -1", HOST "Content-Length: -1\r\n\r\n", REFUSED),
    SHAPE("CL 0x3", HOST "Content-Length: 0x3\r\n\r\nabc", REFUSED),
    SHAPE("CL 3 after VT", HOST "Content-Length: \v3\r\n\r\nabc", REFUSED),
    SHAPE("CL of nothing", HOST "Content-Length:\r\n\r\n", REFUSED),
    SHAPE("CL past 64 bits", HOST "Content-Length: 18446744073709551619\r\n\r\nabc", REFUSED),
    SHAPE("CL with a zero in front", HOST "Content-Length: 03\r\n\r\nabc", SERVED),
    SHAPE("TE identity", HOST "Transfer-Encoding: identity\r\n\r\n", REFUSED),
    SHAPE("TE chunked, identity", HOST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
          REFUSED),
    SHAPE("TE gzip, chunked", HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", REFUSED),
    SHAPE("TE xchunked", HOST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", REFUSED),
    SHAPE("TE chunked after VT", HOST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", REFUSED),
    SHAPE("TE in quotes", HOST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", REFUSED),
    SHAPE("TE of nothing", HOST "Transfer-Encoding:\r\n\r\n0\r\n\r\n", REFUSED),
    SHAPE("TE in HTTP/1.0",
          "GET /hi?delay=0 HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
          "0\r\n\r\n",
          REFUSED),

    /* Lines that end, or go on, where others see nothing of it. */
    SHAPE("a field in two lines", HOST "X: a\r\n b\r\n\r\n", REFUSED),
    SHAPE("a field in two lines, by TAB", HOST "X: a\r\n\tb\r\n\r\n", REFUSED),
    SHAPE("TE in two lines", HOST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", REFUSED),
    SHAPE("SP before the first field", GET " X: y\r\nHost: x\r\n\r\n", REFUSED),
    SHAPE("LF alone everywhere", "GET /hi?delay=0 HTTP/1.1\nHost: x\n\n", REFUSED),
    SHAPE("LF alone after a field", GET "Host: x\nX: a\r\n\r\n", REFUSED),
    SHAPE("LF alone after the request line", "GET /hi?delay=0 HTTP/1.1\nHost: x\r\n\r\n", REFUSED),
    SHAPE("LF alone at the end", HOST "\n", REFUSED),
    SHAPE("LF alone before all", "\n" HOST "\r\n", REFUSED),
    SHAPE("an LF alone in a head with a body", GET "Host: x\nContent-Length: 3\r\n\r\nabc",
          REFUSED),
    SHAPE("CR alone in a value", HOST "X: a\rb\r\n\r\n", REFUSED),
    SHAPE("CR alone after the request line", "GET /hi?delay=0 HTTP/1.1\rHost: x\r\n\r\n", REFUSED),
    SHAPE("an empty line in front", "\r\n" HOST "\r\n", SERVED),
    SHAPE("CL and TE behind an empty line",
          "\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", REFUSED),

    /* Names that some take for others. */
    SHAPE("SP before the colon", HOST "X : a\r\n\r\n", REFUSED),
    SHAPE("TAB before the colon", HOST "X\t: a\r\n\r\n", REFUSED),
    SHAPE("TE, SP before the colon", HOST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", REFUSED),
    SHAPE("no name", HOST ": a\r\n\r\n", REFUSED),
    SHAPE("no colon", HOST "Xa\r\n\r\n", REFUSED),
    SHAPE("NUL in a name", HOST "X\0: a\r\n\r\n", REFUSED),
    SHAPE("NUL in a value", HOST "X: a\0b\r\n\r\n", REFUSED),
    SHAPE("NUL in the target", "GET /hi?delay=0\0 HTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
    SHAPE("a control code in a value",
          HOST "X: a\x01"
               "b\r\n\r\n",
          REFUSED),
    SHAPE("a name of 8 bits", HOST "X\xe9: a\r\n\r\n", REFUSED),
    SHAPE("Content_Length is no length", HOST "Content_Length: 3\r\n\r\n", SERVED),
    SHAPE("Transfer_Encoding is no encoding", HOST "Transfer_Encoding: chunked\r\n\r\n", SERVED),

    /* To whom it is. */
    SHAPE("Host twice", HOST "Host: y\r\n\r\n", REFUSED),
    SHAPE("Host twice, the same", HOST "hOsT: x\r\n\r\n", REFUSED),
    SHAPE("Host with a path", GET "Host: x/y\r\n\r\n", REFUSED),
    SHAPE("Host with a user", GET "Host: a@x\r\n\r\n", REFUSED),
    SHAPE("Host of two words", GET "Host: x y\r\n\r\n", REFUSED),
    SHAPE("Host with a port", GET "Host: x:80\r\n\r\n", SERVED),
    SHAPE("Host of IPv6", GET "Host: [::1]:80\r\n\r\n", SERVED),
    SHAPE("Host of nothing", GET "Host:\r\n\r\n", SERVED),
    SHAPE("Host with an empty port", GET "Host: x:\r\n\r\n", SERVED),
    SHAPE("Host with letters for a port", GET "Host: a:b\r\n\r\n", REFUSED),
    SHAPE("Host with two ports", GET "Host: a:1:2\r\n\r\n", REFUSED),
    SHAPE("Host of a port alone", GET "Host: :80\r\n\r\n", REFUSED),
    SHAPE("Host of IPv6, not closed", GET "Host: [::1\r\n\r\n", REFUSED),
    SHAPE("Host of IPv6 with more behind it", GET "Host: [::1]x\r\n\r\n", REFUSED),
    SHAPE("X-Host beside Host", HOST "X-Host: y\r\nHosts: z\r\n\r\n", SERVED),

    /* Request lines. */
    SHAPE("two spaces", "GET  /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
    SHAPE("a space in the target", "GET /hi? delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
    SHAPE("TABs for spaces", "GET\t/hi?delay=0\tHTTP/1.1\r\nHost: x\r\n\r\n", REFUSED),
    SHAPE("http/1.1", "GET /hi?delay=0 http/1.1\r\nHost: x\r\n\r\n", REFUSED),
    SHAPE("HTTP/0.9", "GET /hi?delay=0\r\n\r\n", REFUSED),

    /* Chunks are decoded before anybody sees them: what is odd in them is read as libh2o reads it,
       and then no more. */
    SHAPE("chunks", CHUNKED "2\r\nok\r\n0\r\n\r\n", SERVED_ALONE),
    SHAPE("a chunk's extension", CHUNKED "2;a=b\r\nok\r\n0\r\n\r\n", SERVED_ALONE),
    SHAPE("an extension with CR", CHUNKED "2;a\rb\r\nok\r\n0\r\n\r\n", SERVED_ALONE),
    SHAPE("an extension with LF", CHUNKED "2;a\nok\r\n0\r\n\r\n", SERVED_ALONE),
    SHAPE("LF alone in chunks", CHUNKED "2\nok\n0\n\n", SERVED_ALONE),
    SHAPE("a chunk's size and SP", CHUNKED "2 \r\nok\r\n0\r\n\r\n", SERVED_ALONE),
    SHAPE("a chunk's size in 0x", CHUNKED "0x2\r\nok\r\n0\r\n\r\n", SERVED_ALONE),
    SHAPE("a trailer that is a length", CHUNKED "0\r\nContent-Length: 5\r\n\r\n", SERVED_ALONE),
    SHAPE("a chunk without its end", CHUNKED "2\r\nok0\r\n\r\n", REFUSED),
    SHAPE("a chunk's size of +2", CHUNKED "+2\r\nok\r\n0\r\n\r\n", REFUSED),
    SHAPE("a chunk's size of -2", CHUNKED "-2\r\nok\r\n0\r\n\r\n", REFUSED),
    SHAPE("a chunk's size of nothing", CHUNKED "\r\nok\r\n0\r\n\r\n", REFUSED),
    SHAPE("a chunk's size past 64 bits", CHUNKED "00000000000000002\r\nok\r\n0\r\n\r\n", REFUSED),
};

static void send_shape(int fd, const struct shape *shape)
{
    char bytes[1024];
    size_t length = shape->length + sizeof NEXT - 1;
    assert_true(length <= sizeof bytes);
    memcpy(bytes, shape->bytes, shape->length);
    memcpy(bytes + shape->length, NEXT, sizeof NEXT - 1);
    assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}

static void expect_status(const struct shape *shape, int got, int wanted)
{
    if (got != wanted)
        fail_msg("%s: %d, not %d", shape->name, got, wanted);
}

/* Closing with bytes unread resets the connection, so an answer may be lost on its way; but never
   does another one come. */
static void expect_refusal(const struct shape *shape, int fd)
{
    struct reply reply = wire_read(fd, SOON_MS);
    expect_status(shape, reply.status, 400);
    assert_true(reply.is_whole);
    assert_true(reply_has(&reply, "Content-Type: application/problem+json"));
    assert_true(reply_has(&reply, "Connection: close"));
    json_t *problem = json_loadb(reply.body, reply.body_bytes, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(problem, "status")), 400);
    json_decref(problem);
    reply_free(&reply);
}

static void each_shape_meets_its_fate(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        const struct shape *shape = &shapes[i];
        int fd = raw_connect(&service);
        send_shape(fd, shape);
        if (shape->fate == REFUSED)
            expect_refusal(shape, fd);
        else
            expect_status(shape, wire_status(fd, SOON_MS), 200);
        if (shape->fate == SERVED)
            expect_status(shape, wire_status(fd, SOON_MS), 404);
        else if (!raw_is_closed(fd, SOON_MS))
            fail_msg("%s: not closed", shape->name);
        (void)close(fd);
    }
}

/* Nothing of what was smuggled behind a shape was ever served: only those of the table were. */
static void what_is_not_served_is_counted(void **state)
{
    size_t served = 0;
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++)
        served += shapes[i].fate == SERVED;
    metric_expect(&service, "http_requests_total{method=\"GET\",route=\"other\",code=\"404\"}",
                  (double)served);
    assert_true(metric_of(&service, "awaitd_connections_cut_total{reason=\"unparsable\"}") >= 15);
}

/* What is no request at all has its line in the log too. */
static void the_unparsable_is_logged(void **state)
{
    static const char *const forms[] = {"text", "json"};
    static const char *const words[] = {" 127.0.0.1 \"-\" 400\n",
                                        "\"msg\":\"unparsable request\",\"status\":400,"
                                        "\"client_ip\":\"127.0.0.1\"}\n"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct service logging;
        char line[1024];
        service_start(&logging, (const char *const[]){"--log", forms[i], NULL});
        int fd = raw_connect(&logging);
        raw_send(fd, "GET /\r\nnonsense\r\n\r\n");
        assert_int_equal(wire_status(fd, SOON_MS), 400);
        assert_non_null(fgets(line, sizeof line, logging.output));
        assert_non_null(strstr(line, words[i]));
        (void)close(fd);
        service_stop(&logging);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_shape_meets_its_fate),
        cmocka_unit_test(what_is_not_served_is_counted),
        cmocka_unit_test(the_unparsable_is_logged),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
