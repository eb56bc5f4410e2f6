/*
 * How long an answer is: said in advance whenever its run is done, however long it is, and then
 * HTTP/1.0 can keep its connection too. Text that is sent as it is said has no length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/service_case.h"
#include "tests/support/wire.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From one piece to many: libh2o is given 16 KiB at a time. */
static const char *const finished[] = {
    "/hi?delay=0",
    "/parallel?count=800&delay=0",
    "/parallel?count=900&delay=0",
    "/parallel?count=1000&delay=1ms",
    "/sequence?count=1000&delay=0&timeline=true",
    "/parallel?count=100000&delay=0&timeline=true",
    "/parallel?count=1000&delay=0&sleep=forgotten",
    "/parallel?count=1000&delay=0&sleep=blocking",
};

static void json_of_any_size_has_its_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(finished); i++) {
        struct answer answer = http_get(&service, finished[i]);
        assert_int_equal(answer.status, 200);
        char *length = answer_header(&answer, "Content-Length");
        assert_non_null(length);
        assert_int_equal(strtoul(length, NULL, 10), answer.body_bytes);
        assert_null(answer_header(&answer, "Transfer-Encoding"));
        json_decref(answer_json(&answer));
        free(length);
        answer_free(&answer);
    }
}

/* The time in it has as many digits at each run, so GET's length is HEAD's. */
static void head_says_the_length_that_get_has(void **state)
{
    static const char *const targets[] = {
        "/parallel?count=2000&delay=0", "/parallel?count=2000&delay=0&sleep=forgotten",
        "/parallel?count=2000&delay=0&format=text", "/hi?delay=5ms&format=text"};
    const struct ask head = {.method = "HEAD"};
    (void)state;
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct answer get = http_get(&service, targets[i]);
        struct answer answer = http_ask(&service, targets[i], &head);
        char *length = answer_header(&answer, "Content-Length");
        assert_non_null(length);
        assert_int_equal(strtoul(length, NULL, 10), get.body_bytes);
        free(length);
        answer_free(&answer);
        answer_free(&get);
    }
}

static void http_1_0_keeps_its_connection(void **state)
{
    (void)state;
    int fd = raw_connect(&service);
    for (size_t i = 0; i < COUNT(finished); i++) {
        char request[256];
        (void)snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
                       finished[i]);
        raw_send(fd, request);
        struct reply reply = wire_read(fd, 20000);
        assert_int_equal(reply.status, 200);
        assert_true(reply.is_whole);
        assert_true(reply_has(&reply, "Connection: keep-alive"));
        reply_free(&reply);
    }
    (void)close(fd);
}

static void text_that_is_sent_as_it_is_said_has_none(void **state)
{
    (void)state;
    struct answer answer = http_get(&service, "/sequence?count=2&delay=20ms&format=text");
    char *encoding = answer_header(&answer, "Transfer-Encoding");
    char *buffering = answer_header(&answer, "X-Accel-Buffering");
    assert_string_equal(encoding, "chunked");
    assert_string_equal(buffering, "no");
    assert_null(answer_header(&answer, "Content-Length"));
    free(encoding);
    free(buffering);
    answer_free(&answer);
}

static int start(void **state)
{
    const char *const options[] = {"--max-count", "100000", NULL};
    (void)state;
    service_start(&service, options);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_any_size_has_its_length),
        cmocka_unit_test(head_says_the_length_that_get_has),
        cmocka_unit_test(http_1_0_keeps_its_connection),
        cmocka_unit_test(text_that_is_sent_as_it_is_said_has_none),
    };
    return cmocka_run_group_tests(tests, start, stop_service);
}
