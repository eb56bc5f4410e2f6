/*
 * Clients that do not come to terms with awaitd: each is told why, by an alert or by a problem in
 * HTTP, a line in the log says so, and it is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate_case.h"
#include "tests/support/count.h"
#include "tests/support/http.h"
#include "tests/support/metric.h"
#include "tests/support/wire.h"
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static struct service service;

/* One for each test: of such lines a log has ten in a second. */
static int start(void **state)
{
    (void)state;
    certificate_serve(&service, &certificate, (const char *const[]){"--log", "json", NULL});
    return 0;
}

static int stop(void **state)
{
    (void)state;
    service_stop(&service);
    return 0;
}

static int connect_to(int port)
{
    struct service at = service;
    at.port = port;
    return raw_connect(&at);
}

/* Reads on until a line says so. The words are OpenSSL's, and change a little with its releases. */
static void expect_reason(const char *reason)
{
    char line[4096];
    while (fgets(line, sizeof line, service.output) != NULL) {
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        const char *msg = json_string_value(json_object_get(json, "msg"));
        const char *given = json_string_value(json_object_get(json, "reason"));
        bool is_it = msg != NULL && given != NULL && strcmp(msg, "TLS handshake failed") == 0;
        if (is_it) {
            if (strstr(given, reason) == NULL)
                fail_msg("the reason is '%s', and not '%s'", given, reason);
            assert_string_equal(json_string_value(json_object_get(json, "level")), "warn");
            assert_string_equal(json_string_value(json_object_get(json, "client_ip")), "127.0.0.1");
        }
        json_decref(json);
        if (is_it)
            return;
    }
    fail_msg("the log does not say: %s", reason);
}

/* ---- alerts ---------------------------------------------------------------------------------- */

struct offer {
    int least;
    int most;
    const char *ciphers; /* of TLS 1.2, or NULL */
    const char *groups;
    const char *protocols;
    int alert; /* RFC 8446, section 6.2 */
    const char *reason;
};

static const struct offer offers[] = {
    {TLS1_VERSION, TLS1_1_VERSION, NULL, NULL, NULL, SSL_AD_PROTOCOL_VERSION,
     "unsupported protocol"},
    {TLS1_3_VERSION, TLS1_3_VERSION, NULL, NULL, "\x06spdy/3", SSL_AD_NO_APPLICATION_PROTOCOL,
     "no application protocol"},
    {TLS1_2_VERSION, TLS1_2_VERSION, NULL, NULL, "\x03h2c", SSL_AD_NO_APPLICATION_PROTOCOL,
     "no application protocol"},
    {TLS1_2_VERSION, TLS1_2_VERSION, "AES128-SHA", NULL, NULL, SSL_AD_HANDSHAKE_FAILURE,
     "no shared cipher"},
    {TLS1_3_VERSION, TLS1_3_VERSION, NULL, "P-521", NULL, SSL_AD_HANDSHAKE_FAILURE,
     "no suitable key share"},
};

static SSL *offer(const struct offer *offer, int fd)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(context, 0);
    SSL *ssl = SSL_new(context);
    SSL_CTX_free(context);
    assert_non_null(ssl);
    assert_int_equal(SSL_set_min_proto_version(ssl, offer->least), 1);
    assert_int_equal(SSL_set_max_proto_version(ssl, offer->most), 1);
    if (offer->ciphers != NULL)
        assert_int_equal(SSL_set_cipher_list(ssl, offer->ciphers), 1);
    if (offer->groups != NULL)
        assert_int_equal(SSL_set1_groups_list(ssl, offer->groups), 1);
    if (offer->protocols != NULL)
        (void)SSL_set_alpn_protos(ssl, (const unsigned char *)offer->protocols,
                                  (unsigned)strlen(offer->protocols));
    (void)SSL_set_fd(ssl, fd);
    return ssl;
}

static void the_alert_reaches_the_client(void **state)
{
    (void)state;
    size_t count = COUNT(offers);
    for (size_t i = 0; i < count; i++) {
        int fd = connect_to(certificate_port(&service));
        SSL *ssl = offer(&offers[i], fd);
        ERR_clear_error();
        assert_int_equal(SSL_connect(ssl), -1);
        assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_AD_REASON_OFFSET + offers[i].alert);
        SSL_free(ssl);
        (void)close(fd);
        expect_reason(offers[i].reason);
    }
    metric_expect(&service, "awaitd_tls_handshakes_total{outcome=\"failed\"}", (double)count);
}

/* By bytes: what no TLS library would send. */
static void what_is_broken_gets_an_alert_too(void **state)
{
    static const struct {
        const char *bytes;
        size_t count;
        unsigned char alert;
        const char *reason;
    } rows[] = {
        {"\x16\x03\x01\x00\x09\x01\x00\x00\x05hello", 14, SSL_AD_DECODE_ERROR, "length mismatch"},
        {"\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9, SSL_AD_UNEXPECTED_MESSAGE,
         "unexpected message"},
        {"\x16\x03\x01\x7f\xff", 5, SSL_AD_RECORD_OVERFLOW, "length too long"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char answer[64];
        int fd = connect_to(certificate_port(&service));
        assert_int_equal(send(fd, rows[i].bytes, rows[i].count, MSG_NOSIGNAL), rows[i].count);
        assert_int_equal(raw_read(fd, answer, sizeof answer, PATIENCE_MS), 7);
        assert_int_equal(answer[0], SSL3_RT_ALERT);
        assert_int_equal(answer[5], SSL3_AL_FATAL);
        assert_int_equal((unsigned char)answer[6], rows[i].alert);
        (void)close(fd);
        expect_reason(rows[i].reason);
    }
}

static void http_1_0_is_served(void **state)
{
    static const struct offer old = {
        .least = TLS1_2_VERSION, .most = TLS1_3_VERSION, .protocols = "\x08http/1.0"};
    static const char request[] = "GET /hi?delay=0 HTTP/1.0\r\n\r\n";
    char answer[4096] = "";
    (void)state;
    int fd = connect_to(certificate_port(&service));
    SSL *ssl = offer(&old, fd);
    assert_int_equal(SSL_connect(ssl), 1);
    assert_int_equal(SSL_write(ssl, request, sizeof request - 1), sizeof request - 1);
    assert_true(SSL_read(ssl, answer, sizeof answer - 1) > 0);
    assert_non_null(strstr(answer, " 200 OK\r\n"));
    SSL_free(ssl);
    (void)close(fd);
}

/* ---- the wrong port -------------------------------------------------------------------------- */

static void expect_told(int port, const char *bytes, size_t count, const char *text)
{
    int fd = connect_to(port);
    assert_int_equal(send(fd, bytes, count, MSG_NOSIGNAL), count);
    struct reply reply = wire_read(fd, PATIENCE_MS);
    assert_int_equal(reply.status, 400);
    assert_true(reply.is_whole);
    json_t *problem = json_loads(reply.body, 0, NULL);
    assert_true(reply_has(&reply, "Content-Type: application/problem+json"));
    assert_string_equal(json_string_value(json_object_get(problem, "detail")), text);
    json_decref(problem);
    assert_true(raw_is_closed(fd, PATIENCE_MS));
    reply_free(&reply);
    (void)close(fd);
}

static void plain_http_on_the_port_for_tls_is_told_so(void **state)
{
    static const char *const requests[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                                           "DELETE /hi HTTP/1.1\r\n\r\n", "x",
                                           "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < COUNT(requests); i++) {
        expect_told(certificate_port(&service), requests[i], strlen(requests[i]),
                    "This port speaks TLS: ask it with https://.");
        expect_reason("plain HTTP or junk on the port for TLS");
    }
}

static void tls_on_the_port_for_plain_http_is_told_so(void **state)
{
    static const char hello[] = "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03";
    (void)state;
    expect_told(service.port, hello, sizeof hello - 1,
                "This port speaks plain HTTP: ask it with http://.");
    expect_reason("TLS on the port for plain HTTP");
    metric_expect(&service, "awaitd_connections_cut_total{reason=\"unparsable\"}", 1);
}

/* A load balancer that looks whether the port is open: counted, and no line. */
static void who_just_leaves_is_not_worth_a_line(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        (void)close(connect_to(certificate_port(&service)));
    expect_told(service.port, "\x16", 1, "This port speaks plain HTTP: ask it with http://.");
    expect_reason("TLS on the port for plain HTTP");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_alert_reaches_the_client, start, stop),
        cmocka_unit_test_setup_teardown(what_is_broken_gets_an_alert_too, start, stop),
        cmocka_unit_test_setup_teardown(http_1_0_is_served, start, stop),
        cmocka_unit_test_setup_teardown(plain_http_on_the_port_for_tls_is_told_so, start, stop),
        cmocka_unit_test_setup_teardown(tls_on_the_port_for_plain_http_is_told_so, start, stop),
        cmocka_unit_test_setup_teardown(who_just_leaves_is_not_worth_a_line, start, stop),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
