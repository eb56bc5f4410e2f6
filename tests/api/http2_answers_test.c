/*
 * HTTP/2, with TLS and without, as its clients see it: the same answers as over HTTP/1, to other
 * people's clients too. Attacks are in tests/hostile/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/h2.h"
#include "tests/support/metric.h"
#include "tests/support/scale.h"
#include "tests/support/tls_service_case.h"
#include "tests/support/wire.h"

#define PATIENCE_MS    10000
#define HTTP_VERSION_2 3L /* CURL_HTTP_VERSION_2_0 */

/* ---- answers --------------------------------------------------------------------------------- */

static const struct {
    const char *method;
    const char *path;
    long status;
    const char *text;
} rows[] = {
    {NULL, "/hi?delay=0", 200, "\"output\": [\"Hello\", \"World\"]"},
    {NULL, "/parallel?delay=1ms", 200, "\"Hello\", \"Hello\", \"Hello\", \"World\""},
    {NULL, "/sequence?delay=0&format=text", 200, "Hello\nWorld\nHello\n"},
    /* Not much larger: libcurl 7.88 overlooks the end of a large answer without TLS. */
    {NULL, "/parallel?delay=0&count=100&timeline=true", 200, "\"timeline\""},
    {NULL, "/hi?delay=x", 400, "\"parameter\": \"delay\""},
    {NULL, "/nowhere", 404, "There is no '/nowhere'"},
    {NULL, "/readyz", 200, "ok"},
    {NULL, "/openapi.json", 200, "3.1"},
    {"POST", "/hi", 405, "GET, HEAD, OPTIONS"},
    {"OPTIONS", "/hi", 204, ""},
    {"HEAD", "/hi?delay=0", 200, ""},
};

static void the_same_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * COUNT(rows); i++) {
        size_t row = i / 2;
        const struct ask ask = {.method = rows[row].method,
                                .http2 = true,
                                .tls_port = i % 2 == 0 ? 0 : certificate_port(&service)};
        struct answer answer = http_ask(&service, rows[row].path, &ask);
        assert_int_equal(answer.http_version, HTTP_VERSION_2);
        assert_int_equal(answer.status, rows[row].status);
        if (strstr(answer.body, rows[row].text) == NULL)
            fail_msg("%s: %s", rows[row].path, answer.body);
        char *id = answer_header(&answer, "x-request-id");
        assert_non_null(id);
        free(id);
        answer_free(&answer);
    }
}

static void off_is_off(void **state)
{
    struct service without;
    (void)state;
    service_start(&without, (const char *const[]){"--http2", "off", NULL});
    const struct ask ask = {.http2 = true, .tolerates_failure = true};
    struct answer answer = http_ask(&without, "/hi?delay=0", &ask);
    assert_int_equal(answer.status, 0);
    answer_free(&answer);
    assert_int_equal(wire_ask_status(&without, "/hi?delay=0"), 200);
    service_stop(&without);
}

/* ---- too many connections -------------------------------------------------------------------- */

static void one_too_many_is_told(void **state)
{
    struct service full;
    struct h2 first;
    struct h2 second;
    struct h2_frame frame;
    int error;
    (void)state;
    service_start(&full, (const char *const[]){"--max-connections", "1", NULL});
    h2_open(&first, &full, false);
    h2_get(&first, 1, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&first));
    assert_true(h2_answered(&first, 1, PATIENCE_MS));
    h2_open(&second, &full, false);
    h2_get(&second, 1, "/hi?delay=0", H2_END_STREAM);
    assert_true(h2_send(&second));
    assert_true(h2_read_to(&second, &frame, H2_DATA, 1, PATIENCE_MS));
    assert_non_null(memmem(frame.payload, frame.length, "max_connections", 15));
    assert_true(h2_ends(&second, &error, PATIENCE_MS));
    h2_close(&second);
    h2_close(&first);
    service_stop(&full);
}

/* ---- idleness -------------------------------------------------------------------------------- */

/* Told in order, and counted once, though its client takes its time to go. */
static void an_idle_one_is_told(void **state)
{
    static const char sample[] = "awaitd_connections_cut_total{reason=\"idle_timeout\"}";
    struct service tight;
    struct h2 h2;
    struct h2_frame frame;
    int error = -1;
    (void)state;
    service_start(&tight, (const char *const[]){"--idle-timeout", "200ms", NULL});
    h2_open(&h2, &tight, false);
    h2_get(&h2, 1, "/hi?delay=500ms", H2_END_STREAM);
    assert_true(h2_send(&h2));
    assert_true(h2_answered(&h2, 1, PATIENCE_MS));
    assert_true(h2_read_to(&h2, &frame, H2_GOAWAY, 0, PATIENCE_MS));
    assert_int_equal(frame.payload[7], H2_NO_ERROR);
    test_nap_ms(500);
    metric_expect(&tight, sample, 1);
    assert_true(h2_ends(&h2, &error, PATIENCE_MS));
    h2_close(&h2);
    service_stop(&tight);
}

/* ---- other people's clients ------------------------------------------------------------------ */

static void run(const char *program, const char *scheme, int port, const char *target,
                const char *wanted)
{
    char command[512];
    (void)snprintf(command, sizeof command, "%s '%s://127.0.0.1:%d%s' 2>/dev/null | grep -q '%s'",
                   program, scheme, port, target, wanted);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

static void nghttp_and_h2load(void **state)
{
    const char *load = TIMES("h2load -n 20000 -c 20 -m 100", "h2load -n 2000 -c 20 -m 100");
    const char *wanted = TIMES("20000 succeeded, 0 failed", " 2000 succeeded, 0 failed");
    (void)state;
    for (int is_tls = 0; is_tls < 2; is_tls++) {
        const char *scheme = is_tls ? "https" : "http";
        int port = is_tls ? certificate_port(&service) : service.port;
        run("nghttp -nv", scheme, port, "/parallel?delay=10ms", ":status: 200");
        run(load, scheme, port, "/hi?delay=0", wanted);
    }
    metric_expect(&service, "http_requests_in_flight", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_answers),     cmocka_unit_test(off_is_off),
        cmocka_unit_test(one_too_many_is_told), cmocka_unit_test(an_idle_one_is_told),
        cmocka_unit_test(nghttp_and_h2load),
    };
    return cmocka_run_group_tests(tests, start_tls_service, stop_tls_service);
}
