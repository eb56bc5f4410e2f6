/*
 * What awaitd says of itself once it serves: that it was told to stop, drains, has read the
 * certificate again, has stopped. All of it is a line of the log, in the log's form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/certificate.h"
#include "tests/support/count.h"
#include "tests/support/http.h"
#include "tests/support/wire.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOON_MS 10000

/* The next line that is no request's, as JSON; the caller decrefs it. */
static json_t *next_notice(FILE *log)
{
    char line[8192];
    while (fgets(line, sizeof line, log) != NULL) {
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        if (json == NULL)
            fail_msg("not JSON: %s", line);
        const char *msg = json_string_value(json_object_get(json, "msg"));
        assert_non_null(msg);
        assert_non_null(json_object_get(json, "time"));
        if (strcmp(msg, "request") != 0)
            return json;
        json_decref(json);
    }
    fail_msg("the log is over");
    return NULL;
}

/* Of the fields that are given, which may be NULL. */
static json_t *expect_notice(FILE *log, const char *level, const char *msg, const char *signal)
{
    json_t *json = next_notice(log);
    assert_string_equal(json_string_value(json_object_get(json, "msg")), msg);
    assert_string_equal(json_string_value(json_object_get(json, "level")), level);
    if (signal != NULL)
        assert_string_equal(json_string_value(json_object_get(json, "signal")), signal);
    return json;
}

static int64_t number_of(const json_t *json, const char *key)
{
    assert_true(json_is_number(json_object_get(json, key)));
    return (int64_t)json_number_value(json_object_get(json, key));
}

/* The log's end can still be read when the service is gone. */
static FILE *open_log(const struct service *service)
{
    FILE *log = fdopen(dup(fileno(service->output)), "r");
    assert_non_null(log);
    return log;
}

/* ---- the end --------------------------------------------------------------------------------- */

static void a_quiet_end_has_three_lines(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT};
    static const char *const names[] = {"SIGTERM", "SIGINT"};
    (void)state;
    for (size_t i = 0; i < COUNT(signals); i++) {
        struct service service;
        service_start(&service, (const char *const[]){"--log=json", "--drain-timeout=7s", NULL});
        FILE *log = open_log(&service);
        struct answer answer = http_get(&service, "/hi?delay=0");
        answer_free(&answer);
        int64_t start_ns = test_now_ns();
        service_signal(&service, signals[i]);
        assert_int_equal(service_wait(&service, SOON_MS), 0);
        json_t *told = expect_notice(log, "info", "told to stop", names[i]);
        assert_string_equal(json_string_value(json_object_get(told, "drain_delay")), "0s");
        assert_string_equal(json_string_value(json_object_get(told, "drain_timeout")), "7s");
        json_t *draining = expect_notice(log, "info", "draining", NULL);
        assert_in_range(number_of(draining, "requests"), 0, 1); /* its end may not be seen yet */
        json_t *stopped = expect_notice(log, "info", "stopped", NULL);
        assert_int_equal(number_of(stopped, "requests"), 1);
        assert_int_equal(number_of(stopped, "cut_off"), 0);
        /* Of its own clock, and within what the test saw of it. */
        double seen_seconds = (double)(test_now_ns() - start_ns) / 1e9;
        assert_true((double)number_of(stopped, "seconds") <= seen_seconds);
        assert_int_equal(fgetc(log), EOF);
        json_decref(told);
        json_decref(draining);
        json_decref(stopped);
        (void)fclose(log);
    }
}

/* Two signals, while two requests run that will not end by themselves. */
static void what_is_cut_off_is_counted(void **state)
{
    struct service service;
    int fds[2];
    (void)state;
    service_start(&service, (const char *const[]){"--log=json", "--drain-delay=60s", NULL});
    FILE *log = open_log(&service);
    for (size_t i = 0; i < COUNT(fds); i++) {
        char head[1024] = "";
        fds[i] = raw_connect(&service);
        wire_get(fds[i], "/hi?delay=10s&format=text");
        raw_read_until(fds[i], head, sizeof head, "Hello", SOON_MS);
    }
    service_signal(&service, SIGTERM);
    json_decref(expect_notice(log, "info", "told to stop", "SIGTERM"));
    service_signal(&service, SIGINT);
    json_decref(expect_notice(log, "warn", "told to stop at once", "SIGINT"));
    assert_int_equal(service_wait(&service, SOON_MS), 0);
    json_t *stopped = expect_notice(log, "warn", "stopped", NULL);
    assert_int_equal(number_of(stopped, "requests"), 2);
    assert_int_equal(number_of(stopped, "cut_off"), 2);
    json_decref(stopped);
    (void)fclose(log);
    for (size_t i = 0; i < COUNT(fds); i++)
        (void)close(fds[i]);
}

static void the_delay_comes_before_the_drain(void **state)
{
    struct service service;
    (void)state;
    service_start(&service, (const char *const[]){"--log=json", "--drain-delay=200ms", NULL});
    FILE *log = open_log(&service);
    int fd = raw_connect(&service);
    char head[1024] = "";
    wire_get(fd, "/hi?delay=600ms&format=text");
    raw_read_until(fd, head, sizeof head, "Hello", SOON_MS);
    service_signal(&service, SIGTERM);
    json_decref(expect_notice(log, "info", "told to stop", "SIGTERM"));
    assert_int_equal(wire_ask_status(&service, "/hi?delay=0"), 200);
    json_t *draining = expect_notice(log, "info", "draining", NULL);
    assert_int_equal(number_of(draining, "requests"), 1);
    assert_true(number_of(draining, "connections") >= 1);
    assert_int_equal(service_wait(&service, SOON_MS), 0);
    json_decref(draining);
    json_decref(expect_notice(log, "info", "stopped", NULL));
    (void)fclose(log);
    (void)close(fd);
}

/* Nothing else that is signalled makes a step longer. */
static void a_renewal_does_not_put_off_the_drain(void **state)
{
    struct certificate own;
    struct service service;
    (void)state;
    certificate_make(&own);
    certificate_serve(&service, &own,
                      (const char *const[]){"--log=json", "--drain-delay=600ms", NULL});
    FILE *log = open_log(&service);
    service_signal(&service, SIGTERM);
    for (int i = 0; i < 30; i++) {
        service_signal(&service, SIGHUP);
        test_nap_ms(100);
    }
    assert_int_equal(service_wait(&service, 500), 0); /* it has long ended */
    (void)fclose(log);
    certificate_remove(&own);
}

static void people_read_the_same_with_the_time(void **state)
{
    static const char *const lines[] = {"Z awaitd: told to stop by SIGTERM; ",
                                        "Z awaitd: draining: ", "Z awaitd: stopped after "};
    struct service service;
    char line[1024];
    (void)state;
    service_start(&service, (const char *const[]){"--log=text", NULL});
    FILE *log = open_log(&service);
    service_stop(&service);
    for (size_t i = 0; i < COUNT(lines); i++) {
        assert_non_null(fgets(line, sizeof line, log));
        assert_ptr_equal(strstr(line, lines[i]), line + strlen("2026-01-01T00:00:00.000"));
    }
    assert_int_equal(fgetc(log), EOF);
    (void)fclose(log);
}

/* ---- the certificate ------------------------------------------------------------------------- */

static void a_renewal_is_told_and_why_it_was_none(void **state)
{
    struct certificate own;
    struct service service;
    char why[256];
    (void)state;
    certificate_make(&own);
    certificate_serve(&service, &own, (const char *const[]){"--log=json", NULL});
    FILE *log = open_log(&service);
    certificate_renew(&own, 30);
    service_signal(&service, SIGHUP);
    json_t *renewed = expect_notice(log, "info", "certificate renewed", NULL);
    assert_null(json_object_get(renewed, "why"));
    json_decref(renewed);
    certificate_renew(&own, -1);
    service_signal(&service, SIGHUP);
    json_t *expired = expect_notice(log, "warn", "certificate renewed", NULL);
    (void)snprintf(why, sizeof why, "--tls-cert '%s': warning: it has expired", own.cert);
    assert_string_equal(json_string_value(json_object_get(expired, "why")), why);
    json_decref(expired);
    assert_int_equal(truncate(own.key, 0), 0);
    service_signal(&service, SIGHUP);
    json_t *kept = expect_notice(log, "error", "certificate not renewed", NULL);
    (void)snprintf(why, sizeof why, "--tls-key '%s': it is empty", own.key);
    assert_string_equal(json_string_value(json_object_get(kept, "why")), why);
    json_decref(kept);
    service_stop(&service);
    (void)fclose(log);
    certificate_remove(&own);
}

/* A path may have what JSON has to escape. */
static void a_path_does_not_break_the_line(void **state)
{
    struct certificate own;
    struct service service;
    char odd[CERTIFICATE_PATH_BYTES + 8];
    (void)state;
    certificate_make(&own);
    (void)snprintf(odd, sizeof odd, "%s/\"\\.pem", own.folder);
    assert_int_equal(rename(own.key, odd), 0);
    const char *const arguments[] = {"--tls-port=0", "--tls-cert", own.cert, "--tls-key", odd,
                                     "--log=json",   NULL};
    service_start(&service, arguments);
    FILE *log = open_log(&service);
    assert_int_equal(truncate(odd, 0), 0);
    service_signal(&service, SIGHUP);
    json_t *kept = expect_notice(log, "error", "certificate not renewed", NULL);
    assert_non_null(strstr(json_string_value(json_object_get(kept, "why")), odd));
    json_decref(kept);
    service_stop(&service);
    (void)fclose(log);
    (void)unlink(odd);
    certificate_remove(&own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_end_has_three_lines),
        cmocka_unit_test(what_is_cut_off_is_counted),
        cmocka_unit_test(the_delay_comes_before_the_drain),
        cmocka_unit_test(a_renewal_does_not_put_off_the_drain),
        cmocka_unit_test(people_read_the_same_with_the_time),
        cmocka_unit_test(a_renewal_is_told_and_why_it_was_none),
        cmocka_unit_test(a_path_does_not_break_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
