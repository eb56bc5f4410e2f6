/*
 * TLS as an operator and a well-behaved client see it: versions, protocols, ports, certificates
 * that are good, bad and renewed. Attacks are in tests/hostile/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate_case.h"
#include "tests/support/count.h"
#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/wire.h"
#include <openssl/x509.h>
#include <signal.h>
#include <unistd.h>

#define PATIENCE_MS 10000

static void start(struct service *service, const char *option, const char *value)
{
    certificate_serve(service, &certificate, (const char *const[]){option, value, NULL});
}

/* ---- a client -------------------------------------------------------------------------------- */

struct client {
    int fd;
    SSL_CTX *context;
    SSL *ssl;
};

/* Returns whether it succeeds. `protocols`: as ALPN has them, or NULL. */
static bool try_connect(struct client *client, const struct service *service, int version,
                        const char *protocols, SSL_SESSION *session)
{
    struct service at = *service;
    at.port = certificate_port(service);
    client->fd = raw_connect(&at);
    client->context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(client->context, 0);
    client->ssl = SSL_new(client->context);
    assert_non_null(client->ssl);
    assert_int_equal(SSL_set_min_proto_version(client->ssl, version), 1);
    assert_int_equal(SSL_set_max_proto_version(client->ssl, version), 1);
    if (protocols != NULL)
        (void)SSL_set_alpn_protos(client->ssl, (const unsigned char *)protocols,
                                  (unsigned)strlen(protocols));
    if (session != NULL)
        assert_int_equal(SSL_set_session(client->ssl, session), 1);
    (void)SSL_set_fd(client->ssl, client->fd);
    return SSL_connect(client->ssl) == 1;
}

/* A session that ends without a goodbye would not be resumed by OpenSSL's client. */
static void disconnect(struct client *client)
{
    SSL_set_quiet_shutdown(client->ssl, 1);
    (void)SSL_shutdown(client->ssl);
    (void)close(client->fd);
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
}

static void expect_answer(struct client *client)
{
    static const char request[] = "GET /hi?delay=0 HTTP/1.1\r\nHost: x\r\n\r\n";
    char answer[4096] = "";
    assert_true(SSL_write(client->ssl, request, sizeof request - 1) > 0);
    for (size_t used = 0; strstr(answer, "}\n") == NULL;) {
        int got = SSL_read(client->ssl, answer + used, (int)(sizeof answer - 1 - used));
        assert_true(got > 0);
        used += (size_t)got;
    }
    assert_int_equal(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17), 0);
}

/* ---- what is agreed on ----------------------------------------------------------------------- */

static void versions(void **state)
{
    static const struct {
        int version;
        bool is_taken;
    } rows[] = {{TLS1_VERSION, false},
                {TLS1_1_VERSION, false},
                {TLS1_2_VERSION, true},
                {TLS1_3_VERSION, true}};
    struct service service;
    (void)state;
    start(&service, NULL, NULL);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct client client;
        assert_int_equal(try_connect(&client, &service, rows[i].version, NULL, NULL),
                         rows[i].is_taken);
        if (rows[i].is_taken)
            expect_answer(&client);
        disconnect(&client);
    }
    metric_expect(&service, "awaitd_tls_handshakes_total{outcome=\"done\"}", 2);
    metric_expect(&service, "awaitd_tls_handshakes_total{outcome=\"failed\"}", 2);
    service_stop(&service);
}

/* RFC 9113, section 9.2.2, has a long list of ciphers that HTTP/2 must not have. */
static void only_good_ciphers(void **state)
{
    struct service service;
    struct client client;
    (void)state;
    start(&service, NULL, NULL);
    assert_true(try_connect(&client, &service, TLS1_2_VERSION, NULL, NULL));
    const char *cipher = SSL_get_cipher_name(client.ssl);
    assert_int_equal(strncmp(cipher, "ECDHE-", 6), 0);
    assert_true(strstr(cipher, "GCM") != NULL || strstr(cipher, "POLY1305") != NULL);
    disconnect(&client);
    service_stop(&service);
}

static void expect_protocol(const struct service *service, const char *offered, const char *chosen)
{
    struct client client;
    const unsigned char *got;
    unsigned length;
    bool is_connected = try_connect(&client, service, TLS1_3_VERSION, offered, NULL);
    assert_int_equal(is_connected, chosen != NULL);
    SSL_get0_alpn_selected(client.ssl, &got, &length);
    if (chosen != NULL) {
        assert_int_equal(length, strlen(chosen));
        assert_memory_equal(got, chosen, length);
    }
    disconnect(&client);
}

static void protocols(void **state)
{
    struct service service;
    (void)state;
    start(&service, NULL, NULL);
    expect_protocol(&service, "\x02h2\x08http/1.1", "h2");
    expect_protocol(&service, "\x08http/1.1\x02h2", "h2");
    expect_protocol(&service, "\x08http/1.1", "http/1.1");
    expect_protocol(&service, "\x06spdy/3", NULL);
    expect_protocol(&service, NULL, "");
    service_stop(&service);
    start(&service, "--http2", "off");
    expect_protocol(&service, "\x02h2\x08http/1.1", "http/1.1");
    expect_protocol(&service, "\x02h2", NULL);
    service_stop(&service);
}

/* A ticket of one loop is good at the other, so a client that comes back shakes hands quickly. */
static void sessions_are_resumed(void **state)
{
    static const int each[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct service service;
    (void)state;
    start(&service, NULL, NULL);
    for (size_t i = 0; i < COUNT(each); i++) {
        struct client first;
        assert_true(try_connect(&first, &service, each[i], NULL, NULL));
        expect_answer(&first); /* TLS 1.3 sends its ticket with it */
        SSL_SESSION *session = SSL_get1_session(first.ssl);
        for (int again = 0; again < 16; again++) {
            struct client client;
            assert_true(try_connect(&client, &service, each[i], NULL, session));
            assert_true(SSL_session_reused(client.ssl));
            expect_answer(&client);
            disconnect(&client);
        }
        SSL_SESSION_free(session);
        disconnect(&first);
    }
    service_stop(&service);
}

/* Noticed through TLS too. */
static void a_client_that_leaves(void **state)
{
    static const char request[] = "GET /parallel?delay=10s HTTP/1.1\r\nHost: x\r\n\r\n";
    struct service service;
    struct client client;
    (void)state;
    start(&service, NULL, NULL);
    assert_true(try_connect(&client, &service, TLS1_3_VERSION, NULL, NULL));
    assert_true(SSL_write(client.ssl, request, sizeof request - 1) > 0);
    metric_expect(&service, "awaitd_tasks_active", 3);
    disconnect(&client);
    metric_expect(&service, "awaitd_tasks_active", 0);
    service_stop(&service);
}

/* ---- ports ----------------------------------------------------------------------------------- */

static void beside_plain_or_alone(void **state)
{
    struct service service;
    struct client client;
    (void)state;
    start(&service, NULL, NULL);
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    assert_non_null(strstr(service.started, "http://127.0.0.1:"));
    service_stop(&service);
    start(&service, "--plain", "off");
    assert_null(strstr(service.started, "http://127.0.0.1:"));
    assert_true(try_connect(&client, &service, TLS1_3_VERSION, NULL, NULL));
    expect_answer(&client);
    disconnect(&client);
    service_stop(&service);
}

/* ---- pairs that are no good ------------------------------------------------------------------ */

static void expect_refusal(const char *cert, const char *key, const char *message)
{
    const char *const ways[] = {"--check-config", "--threads=1"};
    for (size_t i = 0; i < COUNT(ways); i++) {
        const char *const arguments[] = {
            "--port=0", "--tls-port=0", "--tls-cert", cert, "--tls-key", key, ways[i], NULL};
        struct outcome outcome = service_run(arguments, NULL);
        assert_int_equal(outcome.status, 2);
        if (strstr(outcome.errors, message) == NULL)
            fail_msg("'%s' is not in: %s", message, outcome.errors);
    }
}

static void bad_pairs(void **state)
{
    struct certificate other;
    (void)state;
    certificate_make(&other);
    expect_refusal("/no/such/file", certificate.key,
                   "awaitd: --tls-cert '/no/such/file': No such file or directory\n");
    expect_refusal(certificate.cert, "/no/such/file",
                   "awaitd: --tls-key '/no/such/file': No such file or directory\n");
    expect_refusal(certificate.cert, "",
                   "awaitd: --tls-key is missing: TLS needs both --tls-cert and --tls-key\n");
    expect_refusal("", certificate.key,
                   "awaitd: --tls-cert is missing: TLS needs both --tls-cert and --tls-key\n");
    expect_refusal(certificate.cert, other.key, "it is not the key of the certificate");
    expect_refusal(certificate.key, certificate.key, "--tls-cert '");
    expect_refusal(certificate.cert, certificate.cert, "--tls-key '");
    certificate_lock(&other);
    expect_refusal(other.cert, other.key, "it has a passphrase");
    certificate_remove(&other);
}

static void an_expired_one_is_worth_a_warning(void **state)
{
    struct certificate expired;
    (void)state;
    certificate_make_for(&expired, -1);
    const char *const arguments[] = {"--check-config", "--tls-cert", expired.cert,
                                     "--tls-key",      expired.key,  NULL};
    struct outcome outcome = service_run(arguments, NULL);
    assert_int_equal(outcome.status, 0);
    assert_non_null(strstr(outcome.errors, "warning: it has expired\n"));
    assert_non_null(strstr(outcome.output, "\"tls_port\": 8443"));
    certificate_remove(&expired);
}

static void nothing_to_listen_on(void **state)
{
    (void)state;
    struct outcome outcome = service_run((const char *const[]){"--plain=off", NULL}, NULL);
    assert_int_equal(outcome.status, 2);
    assert_non_null(strstr(outcome.errors, "there would be nothing to listen on"));
}

/* ---- renewal --------------------------------------------------------------------------------- */

static long serial_seen(const struct service *service)
{
    struct client client;
    assert_true(try_connect(&client, service, TLS1_3_VERSION, NULL, NULL));
    X509 *x509 = SSL_get1_peer_certificate(client.ssl);
    assert_non_null(x509);
    long serial = ASN1_INTEGER_get(X509_get0_serialNumber(x509));
    X509_free(x509);
    disconnect(&client);
    return serial;
}

struct renewal {
    const struct service *service;
    long serial;
};

static bool has_other_serial(void *context)
{
    const struct renewal *renewal = context;
    return serial_seen(renewal->service) != renewal->serial;
}

static void hangup_reads_the_pair_again(void **state)
{
    struct certificate own;
    struct service service;
    struct client client;
    (void)state;
    certificate_make(&own);
    const char *const arguments[] = {"--tls-cert", own.cert, "--tls-key", own.key,
                                     "--tls-port", "0",      NULL};
    service_start(&service, arguments);
    assert_true(try_connect(&client, &service, TLS1_3_VERSION, NULL, NULL));
    expect_answer(&client);
    struct renewal renewal = {&service, serial_seen(&service)};
    certificate_renew(&own, 30);
    service_signal(&service, SIGHUP);
    test_eventually(has_other_serial, &renewal, PATIENCE_MS, "a new certificate");
    expect_answer(&client);
    long renewed = serial_seen(&service);
    certificate_lock(&own); /* now it is no good */
    service_signal(&service, SIGHUP);
    test_nap_ms(200);
    assert_int_equal(serial_seen(&service), renewed);
    expect_answer(&client);
    disconnect(&client);
    service_stop(&service);
    certificate_remove(&own);
}

/* Handshakes that go on meanwhile use the one or the other, and all succeed. */
static void renewal_disturbs_nobody(void **state)
{
    struct service service;
    (void)state;
    start(&service, NULL, NULL);
    for (int i = 0; i < 60; i++) {
        struct client client;
        if (i % 3 == 0)
            service_signal(&service, SIGHUP);
        assert_true(try_connect(&client, &service, TLS1_3_VERSION, NULL, NULL));
        expect_answer(&client);
        disconnect(&client);
    }
    service_stop(&service);
}

/* Without TLS it is what it was. */
static void hangup_without_tls_ends_it(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, NULL);
    service_signal(&service, SIGHUP);
    assert_int_equal(service_wait(&service, PATIENCE_MS), 128 + SIGHUP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(only_good_ciphers),
        cmocka_unit_test(protocols),
        cmocka_unit_test(sessions_are_resumed),
        cmocka_unit_test(a_client_that_leaves),
        cmocka_unit_test(beside_plain_or_alone),
        cmocka_unit_test(bad_pairs),
        cmocka_unit_test(an_expired_one_is_worth_a_warning),
        cmocka_unit_test(nothing_to_listen_on),
        cmocka_unit_test(hangup_reads_the_pair_again),
        cmocka_unit_test(renewal_disturbs_nobody),
        cmocka_unit_test(hangup_without_tls_ends_it),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_certificate, remove_certificate);
}
