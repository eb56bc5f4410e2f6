/*
 * What docs/scaling.md says of memory, at the worst: 16 MiB, so many kB for each of max_connections
 * and max_held are enough, whatever the clients send and leave unread. A twentieth of what
 * docker/compose.yaml has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate.h"
#include "tests/support/count.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 400
#define HELD        "2MiB"
#define HELD_BYTES  (2 << 20)

/* The formula, but for the 16 MiB at rest, of which it takes 5. */
#define PER_CONNECTION_BYTES     20000
#define PER_TLS_CONNECTION_BYTES 48000

/* So many bytes at once: each is read by itself, and what it is read into grows most often. */
#define PIECE_BYTES 4000

struct load {
    const char *name;
    const char *head;
    const char *filler; /* behind it, so many bytes of it */
    size_t bytes;
    const char *end;
};

#define WAIT   "GET /hi?delay=10s HTTP/1.1\r\nHost: x\r\n"
#define UNREAD "GET /parallel?count=1000&delay=0&timeline=true HTTP/1.1\r\nHost: x\r\n\r\n"

static const struct load loads[] = {
    {"waiting", WAIT, "", 0, "\r\n"},
    {"many small fields", WAIT, "a:b\r\n", 60 * 5, "\r\n"},
    {"a path of escapes", "GET ", "/%61/%2e%2e", 1000, "/hi?delay=10s HTTP/1.1\r\nHost: x\r\n\r\n"},
    {"half a head", WAIT "X: ", "a", 7900, ""},
    {"more of half a head", WAIT "X: ", "a", 16000, ""},
    {"a whole head", WAIT "X: ", "a", 16000, "\r\n\r\n"},
    {"half a body", WAIT "Content-Length: 9000\r\n\r\n", "a", 7900, ""},
    {"a large half of a body", WAIT "Content-Length: 65536\r\n\r\n", "a", 60000, ""},
    {"half a chunk", WAIT "Transfer-Encoding: chunked\r\n\r\nfff0\r\n", "a", 60000, ""},
    {"pipelined", "", "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", 8000, WAIT "X: aaaa"},
    {"tasks", "GET /parallel?count=20&delay=10s HTTP/1.1\r\nHost: x\r\n\r\n", "", 0, ""},
    {"answers not read", UNREAD, "", 0, ""},
    {"pages not read", "", "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", 800, ""},
};

static char *make(const struct load *load)
{
    size_t unit = strlen(load->filler);
    size_t bytes = unit == 0 ? 0 : load->bytes / unit * unit;
    char *text = calloc(1, strlen(load->head) + bytes + strlen(load->end) + 1);
    assert_non_null(text);
    char *at = stpcpy(text, load->head);
    for (size_t i = 0; i < bytes; i += unit)
        at = stpcpy(at, load->filler);
    (void)strcpy(at, load->end);
    return text;
}

struct client {
    int fd;
    SSL *ssl; /* NULL without TLS */
};

static void connect_client(struct client *client, const struct service *service, SSL_CTX *context)
{
    struct service at = *service;
    if (context != NULL)
        at.port = certificate_port(service);
    *client = (struct client){.fd = raw_connect(&at)};
    if (context == NULL)
        return;
    client->ssl = SSL_new(context);
    assert_int_equal(SSL_set_fd(client->ssl, client->fd), 1);
    assert_int_equal(SSL_connect(client->ssl), 1);
}

/* It may be refused half-way. */
static void send_piece(const struct client *client, const char *bytes, size_t length)
{
    if (client->ssl != NULL)
        (void)SSL_write(client->ssl, bytes, (int)length);
    else
        (void)send(client->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void close_client(const struct client *client)
{
    SSL_free(client->ssl);
    (void)close(client->fd);
}

static void bear(const struct load *load, struct certificate *certificate)
{
    static struct client clients[CONNECTIONS];
    const char *const arguments[] = {"--live",
                                     "off",
                                     "--max-held",
                                     HELD,
                                     "--max-connections",
                                     "400",
                                     "--request-timeout",
                                     "1m",
                                     "--write-timeout",
                                     "1m",
                                     NULL};
    struct service service;
    SSL_CTX *context = certificate == NULL ? NULL : SSL_CTX_new(TLS_client_method());
    if (certificate == NULL)
        service_start(&service, arguments);
    else
        certificate_serve(&service, certificate, arguments);
    char *text = make(load);
    int64_t at_rest = service_resident_bytes(&service);
    for (int i = 0; i < CONNECTIONS; i++)
        connect_client(&clients[i], &service, context);
    for (size_t at = 0; at < strlen(text); at += PIECE_BYTES)
        for (int i = 0; i < CONNECTIONS; i++)
            send_piece(&clients[i], text + at, strnlen(text + at, PIECE_BYTES));
    test_nap_ms(300);
    int64_t bytes = service_resident_bytes(&service) - at_rest;
    int64_t each = certificate == NULL ? PER_CONNECTION_BYTES : PER_TLS_CONNECTION_BYTES;
    int64_t most = CONNECTIONS * each + HELD_BYTES;
    print_message("%s: %.1f MB of %.1f\n", load->name, (double)bytes / 1e6, (double)most / 1e6);
    for (int i = 0; i < CONNECTIONS; i++)
        close_client(&clients[i]);
    SSL_CTX_free(context);
    free(text);
    if (!IS_SANITIZED)
        assert_in_range(bytes, 0, most);
    metric_expect(&service, "awaitd_held_bytes", 0);
    service_stop(&service);
}

static void plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(loads); i++)
        bear(&loads[i], NULL);
}

static void with_tls(void **state)
{
    struct certificate certificate;
    (void)state;
    certificate_make(&certificate);
    for (size_t i = 0; i < COUNT(loads); i++)
        bear(&loads[i], &certificate);
    certificate_remove(&certificate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(with_tls),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
