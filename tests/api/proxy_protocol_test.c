/*
 * --proxy-protocol on: a connection begins with a PROXY header, whatever is spoken behind it, and
 * the log names whom it is for. The header's forms are in unit/proxy_protocol_test.c; who sends
 * none is in hostile/proxy_protocol_test.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate_case.h"
#include "tests/support/count.h"
#include "tests/support/h2.h"
#include "tests/support/http.h"
#include "tests/support/log_line.h"
#include "tests/support/proxy_header.h"
#include "tests/support/wire.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ME      "127.0.0.1"
#define NONE    "nothing"
#define SOON_MS 10000
#define GET     "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n"

static struct service service;

static int start(void **state)
{
    (void)make_certificate(state);
    certificate_serve(&service, &certificate,
                      (const char *const[]){"--proxy-protocol", "on", "--log", "json", NULL});
    return 0;
}

static int stop(void **state)
{
    service_stop(&service);
    return remove_certificate(state);
}

static const struct {
    const char *bytes;
    size_t length;
    const char *client;
} headers[] = {
    {PROXY_V1, sizeof PROXY_V1 - 1, "192.0.2.7"},
    {PROXY_V1_6, sizeof PROXY_V1_6 - 1, "2001:db8::7"},
    {PROXY_V2, sizeof PROXY_V2 - 1, "192.0.2.7"},
    {PROXY_V2_LOCAL, sizeof PROXY_V2_LOCAL - 1, ME},
    {"PROXY UNKNOWN\r\n", 15, ME},
};

static void send_all(int fd, const void *bytes, size_t length)
{
    assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}

static void expect_client(const char *client)
{
    log_expect_client(&service, client, strcmp(client, ME) == 0 ? NONE : ME);
}

/* ---- without TLS ----------------------------------------------------------------------------- */

/* In one packet, then apart, then with the requests that follow on the connection. */
static void http1_comes_behind_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        char bytes[512];
        int fd = raw_connect(&service);
        memcpy(bytes, headers[i].bytes, headers[i].length);
        memcpy(bytes + headers[i].length, GET GET, sizeof GET GET - 1);
        send_all(fd, bytes, headers[i].length + sizeof GET GET - 1);
        for (int j = 0; j < 3; j++) {
            if (j == 2)
                raw_send(fd, GET);
            assert_int_equal(wire_status(fd, SOON_MS), 200);
            expect_client(headers[i].client);
        }
        (void)close(fd);
    }
}

static void it_may_come_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        int fd = raw_connect(&service);
        for (size_t j = 0; j < headers[i].length; j++) {
            send_all(fd, headers[i].bytes + j, 1);
            test_nap_ms(1);
        }
        raw_send(fd, GET);
        assert_int_equal(wire_status(fd, SOON_MS), 200);
        expect_client(headers[i].client);
        (void)close(fd);
    }
}

static void a_body_that_looks_like_one_is_none(void **state)
{
    (void)state;
    int fd = raw_connect(&service);
    raw_send(fd, PROXY_V1
             "POST /hi HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\nPROXY UNKNOWN\r\n");
    assert_int_equal(wire_status(fd, SOON_MS), 405);
    expect_client("192.0.2.7");
    raw_send(fd, "PROXY UNKNOWN\r\n" GET);
    assert_int_equal(wire_status(fd, SOON_MS), 400);
    (void)close(fd);
    json_t *line = log_next(&service);
    assert_string_equal(log_text(line, "client_ip"), "192.0.2.7");
    json_decref(line);
}

static void http2_comes_behind_it(void **state)
{
    (void)state;
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct h2 h2;
        h2_connect(&h2, &service, false);
        h2_bytes(&h2, headers[i].bytes, headers[i].length);
        h2_bytes(&h2, preface, sizeof preface - 1);
        h2_frame(&h2, H2_SETTINGS, 0, 0, NULL, 0);
        h2_get(&h2, 1, "/hi?delay=0", H2_END_STREAM);
        assert_true(h2_send(&h2));
        assert_true(h2_answered(&h2, 1, SOON_MS));
        expect_client(headers[i].client);
        h2_close(&h2);
    }
}

/* ---- with TLS -------------------------------------------------------------------------------- */

/* The first bytes that a client sends, for whatever sends them; returns how many. */
static size_t say_hello(SSL *ssl, uint8_t *hello, size_t room)
{
    BIO *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    assert_int_equal(SSL_connect(ssl), -1);
    int length = BIO_read(out, hello, (int)room);
    assert_true(length > 0);
    return (size_t)length;
}

/* `first` bytes go out with the header, the rest a little later. */
static void ask_with_tls(size_t header, size_t first)
{
    uint8_t bytes[2048];
    char answer[512] = "";
    struct service at = service;
    at.port = certificate_port(&service);
    int fd = raw_connect(&at);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    size_t length = headers[header].length;
    memcpy(bytes, headers[header].bytes, length);
    length += say_hello(ssl, bytes + length, sizeof bytes - length);
    if (first > length)
        first = length;
    send_all(fd, bytes, first);
    if (first < length) {
        test_nap_ms(5);
        send_all(fd, bytes + first, length - first);
    }
    assert_int_equal(SSL_set_fd(ssl, fd), 1);
    assert_int_equal(SSL_connect(ssl), 1);
    assert_int_equal(SSL_write(ssl, GET, sizeof GET - 1), sizeof GET - 1);
    assert_true(SSL_read(ssl, answer, sizeof answer - 1) > 0);
    assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
    expect_client(headers[header].client);
    SSL_free(ssl);
    SSL_CTX_free(context);
    (void)close(fd);
}

static void tls_comes_behind_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        const size_t firsts[] = {1, headers[i].length, headers[i].length + 1, SIZE_MAX};
        for (size_t j = 0; j < COUNT(firsts); j++)
            ask_with_tls(i, firsts[j]);
    }
}

/* curl's own idea of it, with h2 agreed on. */
static void curl_is_served(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        const struct ask ask = {.proxy_header = true,
                                .http2 = i > 0,
                                .tls_port = i > 1 ? certificate_port(&service) : 0};
        struct answer answer = http_ask(&service, "/hi?delay=0", &ask);
        assert_int_equal(answer.status, 200);
        answer_free(&answer);
        expect_client(ME);
    }
}

/* ---- whom it is taken from ------------------------------------------------------------------- */

/* With a list, only those on it are believed; what is not believed is read all the same. */
static void trust_counts_here_too(void **state)
{
    (void)state;
    static const struct {
        const char *trusted;
        const char *client;
        const char *forwarded_client;
    } lists[] = {
        {"", "192.0.2.7", "192.0.2.7"},
        {ME, "192.0.2.7", "192.0.2.7"},
        {ME ",192.0.2.0/24", "192.0.2.7", "198.51.100.1"},
        {"192.0.2.0/24", ME, ME},
    };
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct service other;
        service_start(&other, (const char *const[]){"--proxy-protocol", "on", "--log", "json",
                                                    "--trusted-proxies", lists[i].trusted, NULL});
        int fd = raw_connect(&other);
        raw_send(fd, PROXY_V1 GET "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n"
                                  "X-Forwarded-For: 198.51.100.1\r\n\r\n");
        for (int j = 0; j < 2; j++) {
            const char *client = j == 0 ? lists[i].client : lists[i].forwarded_client;
            assert_int_equal(wire_status(fd, SOON_MS), 200);
            log_expect_client(&other, client, strcmp(client, ME) == 0 ? NONE : ME);
        }
        (void)close(fd);
        service_stop(&other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http1_comes_behind_it),
        cmocka_unit_test(it_may_come_byte_by_byte),
        cmocka_unit_test(a_body_that_looks_like_one_is_none),
        cmocka_unit_test(http2_comes_behind_it),
        cmocka_unit_test(tls_comes_behind_it),
        cmocka_unit_test(curl_is_served),
        cmocka_unit_test(trust_counts_here_too),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
