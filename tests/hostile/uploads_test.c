/*
 * Requests that are refused while their client still sends. The answer must arrive all the same:
 * the connection is closed in stages (RFC 9112, section 9.6), for a bounded time and number of
 * bytes. A proxy that loses an answer to a reset takes the server for dead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/tls_service_case.h"
#include "tests/support/upload.h"
#include "tests/support/wire.h"
#include <signal.h>
#include <stdio.h>

#define MEGABYTE 1000000
#define LARGEST  (10 * MEGABYTE)

#define POST "POST /hi HTTP/1.1\r\nHost: x\r\n"

static SSL_CTX *context;
static char *filler;
static int tls_ports[2]; /* 0: without */

static const struct {
    const char *head; /* the body's first line is in it, and not more */
    int status;
} refused[] = {
    {POST "Content-Length: 10000000\r\n\r\n", 413},
    {"POST /hi HTTP/1.0\r\nContent-Length: 10000000\r\n\r\n", 413},
    {POST "Transfer-Encoding: chunked\r\n\r\n989680\r\n", 413},
    {POST "Transfer-Encoding: chunked\r\n\r\nbroken\r\n", 400},
    {POST "Content-Length: +10000000\r\n\r\n", 400},
    {POST "Expect: y\r\nContent-Length: 10000000\r\n\r\n", 417},
    {POST "X\r\n\r\n", 400},
    {POST "Host: y\r\n\r\n", 400},
};

static int upload_to(const struct service *to, int tls_port, const char *head, int bytes)
{
    struct upload upload = upload_open(to, tls_port, context);
    bool is_sent =
        upload_send(&upload, head, strlen(head)) && upload_send(&upload, filler, (size_t)bytes);
    int status = upload_finish(&upload);
    return is_sent ? status : -1;
}

static void every_refusal_arrives(void **state)
{
    static const int sizes[] = {MEGABYTE, LARGEST};
    (void)state;
    for (size_t i = 0; i < COUNT(refused) * 4; i++) {
        const char *head = refused[i / 4].head;
        int wanted = refused[i / 4].status;
        for (int round = 0; round < (i < 4 ? TIMES(50, 10) : TIMES(10, 3)); round++) {
            int status = upload_to(&service, tls_ports[i % 2], head, sizes[i / 2 % 2]);
            if (status != wanted)
                fail_msg("%d to the %d bytes behind %s", status, sizes[i / 2 % 2], head);
        }
    }
}

/* There is no request to hang it on; all the same it is an answer like any other. */
static void expect_usual_headers(const struct upload *upload)
{
    static const char *const lines[] = {
        "\r\nDate: ",
        "\r\nServer: awaitd\r\n",
        "\r\nX-Request-Id: ",
        "\r\nConnection: close\r\n",
        "\r\nAccess-Control-Allow-Origin: *\r\n",
        "\r\nContent-Type: application/problem+json\r\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++)
        if (strstr(upload->answer, lines[i]) == NULL)
            fail_msg("no %s in %s", lines[i], upload->answer);
}

static void what_is_no_request_is_told_so(void **state)
{
    static const char counter[] = "awaitd_connections_cut_total{reason=\"unparsable\"}";
    (void)state;
    double before = metric_of(&service, counter);
    for (int i = 0; i < 2; i++) {
        struct upload upload = upload_open(&service, tls_ports[i], context);
        assert_true(upload_send(&upload, "NONSENSE\r\n\r\n", 12));
        assert_int_equal(upload_finish(&upload), 400);
        expect_usual_headers(&upload);
        assert_non_null(strstr(upload.answer, "This is no HTTP/1.1 request"));
    }
    metric_expect(&service, counter, before + 2);
}

/* A body that would be taken, but not at that pace. */
static void so_does_a_408(void **state)
{
    static const char *const options[] = {"--request-timeout", "200ms", NULL};
    struct service own;
    (void)state;
    certificate_serve(&own, &certificate, options);
    for (int i = 0; i < 2; i++) {
        struct upload upload = upload_open(&own, i == 0 ? 0 : certificate_port(&own), context);
        const char *head = POST "Content-Length: 60000\r\n\r\n";
        bool is_sent = upload_send(&upload, head, strlen(head));
        int64_t start_ns = test_now_ns();
        while (is_sent && test_now_ns() - start_ns < 1000000000) {
            is_sent = upload_send(&upload, "x", 1);
            test_nap_ms(5);
        }
        assert_true(is_sent);
        assert_int_equal(upload_finish(&upload), 408);
        expect_usual_headers(&upload);
    }
    service_stop(&own);
}

static void so_does_a_503_of_a_full_house(void **state)
{
    static const char *const options[] = {"--max-connections", "1", NULL};
    struct service own;
    (void)state;
    certificate_serve(&own, &certificate, options);
    int inside = raw_connect(&own);
    wire_get(inside, "/hi?delay=0");
    assert_int_equal(wire_status(inside, 5000), 200);
    const char *both = POST "Content-Length: 3\r\n\r\nabc";
    for (int round = 0; round < TIMES(20, 5); round++)
        for (int i = 0; i < 2; i++)
            assert_int_equal(upload_to(&own, i == 0 ? 0 : certificate_port(&own), both, MEGABYTE),
                             503);
    (void)close(inside);
    service_stop(&own);
}

/* ---- bounds ---------------------------------------------------------------------------------- */

#define REFUSED POST "Content-Length: 1000000000\r\n\r\n"

/* Nobody is read for ever: some 64 MiB, and then the kernel says no. */
static void the_bytes_that_are_dropped_are_bounded(void **state)
{
    (void)state;
    struct upload upload = upload_open(&service, 0, NULL);
    bool is_sent = upload_send(&upload, REFUSED, strlen(REFUSED));
    int sent_megabytes = 0;
    while (sent_megabytes < 300 && is_sent) {
        is_sent = upload_send(&upload, filler, MEGABYTE);
        sent_megabytes += is_sent;
    }
    assert_in_range(sent_megabytes, 60, 250);
    (void)upload_finish(&upload);
}

/* It counts as open until its client closes, or has been quiet for two seconds. */
static void the_time_is_bounded(void **state)
{
    (void)state;
    metric_expect(&service, "http_connections", 1); /* the one that asks */
    int fd = raw_connect(&service);
    raw_send(fd, REFUSED);
    assert_int_equal(wire_status(fd, 5000), 413);
    int64_t start_ns = test_now_ns();
    assert_true(metric_of(&service, "http_connections") >= 2);
    metric_expect(&service, "http_connections", 1);
    assert_in_range((test_now_ns() - start_ns) / 1000000, 1000, 9000);
    (void)close(fd);
}

/* However lively: ten seconds in all. */
static void a_client_that_dribbles_is_closed_too(void **state)
{
    (void)state;
    int fd = raw_connect(&service);
    raw_send(fd, REFUSED);
    assert_int_equal(wire_status(fd, 5000), 413);
    int64_t start_ns = test_now_ns();
    while (send(fd, "x", 1, MSG_NOSIGNAL) == 1 && test_now_ns() - start_ns < 30000000000)
        test_nap_ms(20);
    assert_in_range((test_now_ns() - start_ns) / 1000000, 9000, 25000);
    (void)close(fd);
}

/* Neither one that is quiet nor one that is not holds up the end. */
static void a_drain_does_not_wait_for_them(void **state)
{
    static const char *const options[] = {"--drain-timeout", "1s", NULL};
    struct service own;
    (void)state;
    certificate_serve(&own, &certificate, options);
    int quiet = raw_connect(&own);
    raw_send(quiet, REFUSED);
    assert_int_equal(wire_status(quiet, 5000), 413);
    int lively = raw_connect(&own);
    raw_send(lively, REFUSED);
    assert_int_equal(wire_status(lively, 5000), 413);
    service_signal(&own, SIGTERM);
    int64_t start_ns = test_now_ns();
    while (send(lively, "x", 1, MSG_NOSIGNAL) == 1 && test_now_ns() - start_ns < 20000000000)
        test_nap_ms(5);
    assert_int_equal(service_wait(&own, 5000), 0);
    (void)close(quiet);
    (void)close(lively);
}

static int start(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_client_method());
    filler = malloc(LARGEST);
    memset(filler, 'x', LARGEST);
    (void)start_tls_service_with(NULL);
    tls_ports[1] = certificate_port(&service);
    return 0;
}

static int stop(void **state)
{
    free(filler);
    SSL_CTX_free(context);
    return stop_tls_service(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_arrives),
        cmocka_unit_test(what_is_no_request_is_told_so),
        cmocka_unit_test(so_does_a_408),
        cmocka_unit_test(so_does_a_503_of_a_full_house),
        cmocka_unit_test(the_bytes_that_are_dropped_are_bounded),
        cmocka_unit_test(the_time_is_bounded),
        cmocka_unit_test(a_client_that_dribbles_is_closed_too),
        cmocka_unit_test(a_drain_does_not_wait_for_them),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
