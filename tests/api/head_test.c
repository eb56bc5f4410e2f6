/*
 * The head of a request as RFC 9112 reads it: what stands where and means what. smuggling_test.c
 * has what could be read in two ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include "tests/support/wire.h"
#include <string.h>
#include <unistd.h>

#define GET "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n"

static const struct {
    const char *request;
    int status;
} heads[] = {
    /* A scheme's case does not count (RFC 9110, section 4.2.3). */
    {"GET HTTP://x/hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", 200},
    {"GET hTTps://x/hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", 200},
    {"GET http://X:80/hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", 200},
    {"GET ftp://x/hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"GET http:/hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"GET http://a:b/hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"GET http://u@x/hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"GET http:///hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    /* White space around a value is no part of it (RFC 9112, section 5.1). */
    {"GET /hi?delay=0 HTTP/1.1\r\nHost: x \r\n\r\n", 200},
    {"GET /hi?delay=0 HTTP/1.1\r\nHost:\tx:80\t \r\n\r\n", 200},
    {GET "Content-Length: 3 \r\n\r\nabc", 200},
    {GET "Content-Length: 0\t\r\n\r\n", 200},
    {GET "Transfer-Encoding: chunked \r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200},
    {GET "Accept: application/json \r\n\r\n", 200},
    {GET "X: \t \r\n\r\n", 200},
    /* HTTP/1.0 has no expectations (RFC 9110, section 10.1.1). */
    {"POST /hi HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc", 405},
    {"GET /hi?delay=0 HTTP/1.0\r\nExpect: x\r\nContent-Length: 3\r\n\r\nabc", 200},
    {GET "Expect: x\r\nContent-Length: 3\r\n\r\nabc", 417},
    /* A method is a token (RFC 9110, section 5.6.2). */
    {"G= /hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"G(T /hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"\"GET\" /hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"G\tT /hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"G\xc3\x89T /hi HTTP/1.1\r\nHost: x\r\n\r\n", 400},
    {"G!#$%&'*+-.^_`|~9 /hi HTTP/1.1\r\nHost: x\r\n\r\n", 405},
    {"get /hi HTTP/1.1\r\nHost: x\r\n\r\n", 405},
    {"GET /hi HTTP/1.x\r\nHost: x\r\n\r\n", 400},
    {"GET /hi HTTP/1.\r\nHost: x\r\n\r\n", 400},
    {"GET /hi HTTP/2.0\r\nHost: x\r\n\r\n", 400},
    {"GET /hi\r\nHost: x\r\n\r\n", 400},
    {"\r\nGET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n", 200},
};

static void what_a_head_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        int fd = raw_connect(&service);
        raw_send(fd, heads[i].request);
        int status = wire_status(fd, 5000);
        if (status != heads[i].status)
            fail_msg("%d to %s", status, heads[i].request);
        (void)close(fd);
    }
}

static void an_expectation_is_met_in_http_1_1_alone(void **state)
{
    char answer[4096];
    (void)state;
    raw_exchange(&service,
                 GET "Expect: 100-continue \r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
                 answer, sizeof answer);
    assert_memory_equal(answer, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", 42);
    raw_exchange(&service,
                 "GET /hi?delay=0 HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
                 answer, sizeof answer);
    assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
}

/* However the bytes come in: the parser is asked again with each. */
static void byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(heads); i++) {
        int fd = raw_connect(&service);
        for (const char *at = heads[i].request; *at != '\0'; at++) {
            const char byte[] = {*at, '\0'};
            if (at[1] == '\0' || strchr(" :\r\n", *at) != NULL)
                test_nap_ms(1);
            raw_send(fd, byte);
        }
        int status = wire_status(fd, 5000);
        if (status != heads[i].status)
            fail_msg("%d to %s", status, heads[i].request);
        (void)close(fd);
    }
}

/* What is no request is answered with the headers of every other answer. */
static void an_answer_to_no_request_has_its_headers(void **state)
{
    static const char *const expected[] = {
        "Connection: close",
        "Content-Type: application/problem+json",
        "Server: awaitd",
        "Cache-Control: no-store",
        "Timing-Allow-Origin: *",
        "X-Content-Type-Options: nosniff",
        "Access-Control-Allow-Origin: *",
        "Access-Control-Expose-Headers: X-Request-Id, Server-Timing, Retry-After, Allow, ETag"};
    (void)state;
    int fd = raw_connect(&service);
    raw_send(fd, "NONSENSE\r\n\r\n");
    struct reply reply = wire_read(fd, 5000);
    assert_int_equal(reply.status, 400);
    assert_true(reply.is_whole);
    for (size_t i = 0; i < COUNT(expected); i++)
        if (!reply_has(&reply, expected[i]))
            fail_msg("no '%s' in %s", expected[i], reply.head);
    assert_non_null(strstr(reply.head, "\r\nDate: "));
    assert_non_null(strstr(reply.head, "\r\nX-Request-Id: "));
    reply_free(&reply);
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_head_means),
        cmocka_unit_test(an_expectation_is_met_in_http_1_1_alone),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(an_answer_to_no_request_has_its_headers),
    };
    return cmocka_run_group_tests(tests, start_service, stop_service);
}
