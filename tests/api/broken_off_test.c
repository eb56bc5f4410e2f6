/*
 * Answers that end early. With a length or in chunks a client sees for itself that something is
 * missing; where the connection's end is the answer's, HTTP/1.0, a reset says so.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate_case.h"
#include "tests/support/count.h"
#include "tests/support/upload.h"
#include "tests/support/wire.h"

#define SOON_MS 8000

/* Reads to the end; 0 or the errno that it ended with. */
static int read_all(int fd, char *text, size_t size)
{
    const struct timeval patience = {.tv_sec = SOON_MS / 1000};
    size_t length = 0;
    ssize_t got = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (got > 0) {
        char piece[65536];
        got = recv(fd, piece, sizeof piece, 0);
        size_t kept = got > 0 ? (size_t)got : 0;
        if (kept > size - 1 - length)
            kept = size - 1 - length;
        memcpy(text + length, piece, kept);
        length += kept;
    }
    text[length] = '\0';
    return got < 0 ? errno : 0;
}

static const struct {
    const char *request;
    int signals;
    int error;
} cases[] = {
    {"GET /sequence?count=5&delay=1s&format=text HTTP/1.0\r\n\r\n", 1, ECONNRESET},
    {"GET /sequence?count=5&delay=1s&format=text HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 1,
     ECONNRESET},
    {"GET /sequence?count=5&delay=1s&format=text&sleep=blocking HTTP/1.0\r\n\r\n", 1, ECONNRESET},
    {"GET /parallel?count=5&delay=10s&format=text HTTP/1.0\r\n\r\n", 2, ECONNRESET},
    {"GET /sequence?count=5&delay=1s&format=text HTTP/1.1\r\nHost: x\r\n\r\n", 1, 0},
};

static void text_that_a_drain_cuts_short(void **state)
{
    const char *const options[] = {"--drain-timeout", "300ms", NULL};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct service service;
        char text[4096] = "";
        service_start(&service, options);
        int fd = raw_connect(&service);
        raw_send(fd, cases[i].request);
        raw_read_until(fd, text, sizeof text, "Hello\n", SOON_MS);
        for (int j = 0; j < cases[i].signals; j++) {
            service_signal(&service, SIGTERM);
            test_nap_ms(50);
        }
        if (read_all(fd, text, sizeof text) != cases[i].error)
            fail_msg("not so: %s", cases[i].request);
        (void)close(fd);
        assert_int_equal(service_wait(&service, SOON_MS), 0);
    }
}

/* A slow reader is cut off. What it was sent it still gets, and then the reset. */
static void text_of_which_its_reader_takes_nothing(void **state)
{
    const char *const options[] = {"--write-timeout", "300ms", "--max-count", "1000000", NULL};
    struct service service;
    char text[256];
    (void)state;
    service_start(&service, options);
    int fd = raw_connect(&service);
    raw_send(fd,
             "GET /parallel?count=1000000&delay=1ms&format=text&timeline=true HTTP/1.0\r\n\r\n");
    test_nap_ms(4000);
    assert_int_equal(read_all(fd, text, sizeof text), ECONNRESET);
    assert_memory_equal(text, "HTTP/1.1 200 OK\r\n", 17);
    (void)close(fd);
    service_stop(&service);
}

/* And what is whole is not. */
static void text_that_is_whole_ends_with_its_connection(void **state)
{
    struct service service;
    char text[4096];
    (void)state;
    service_start(&service, NULL);
    for (int i = 0; i < 20; i++) {
        int fd = raw_connect(&service);
        raw_send(fd, "GET /sequence?count=2&delay=10ms&format=text HTTP/1.0\r\n\r\n");
        assert_int_equal(read_all(fd, text, sizeof text), 0);
        assert_non_null(strstr(text, "elapsed: "));
        assert_true(strstr(text, "Content-Length") == NULL);
        (void)close(fd);
    }
    service_stop(&service);
}

/* Within TLS only what is whole ends with a goodbye. */
static void text_within_tls(void **state)
{
    static const char whole[] = "GET /sequence?count=2&delay=10ms&format=text HTTP/1.0\r\n\r\n";
    static const char cut[] = "GET /sequence?count=5&delay=1s&format=text HTTP/1.0\r\n\r\n";
    static const char *const options[] = {"--drain-timeout", "300ms", NULL};
    struct service service;
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    certificate_serve(&service, &certificate, options);
    struct upload client = upload_open(&service, certificate_port(&service), context);
    assert_true(upload_send(&client, whole, sizeof whole - 1));
    assert_int_equal(upload_finish(&client), 200);
    client = upload_open(&service, certificate_port(&service), context);
    assert_true(upload_send(&client, cut, sizeof cut - 1));
    assert_int_equal(SSL_read(client.ssl, client.answer, 9), 9); /* it has begun */
    service_signal(&service, SIGTERM);
    assert_int_equal(upload_finish(&client), -1);
    assert_int_equal(service_wait(&service, SOON_MS), 0);
    SSL_CTX_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_a_drain_cuts_short),
        cmocka_unit_test(text_of_which_its_reader_takes_nothing),
        cmocka_unit_test(text_that_is_whole_ends_with_its_connection),
        cmocka_unit_test(text_within_tls),
    };
    return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
