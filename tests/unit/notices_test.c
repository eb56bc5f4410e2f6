/*
 * The notices in the log, as a sentence and as JSON, where the time comes first; of those that may
 * come too often there are few.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/telemetry/notices.h"
#include <regex.h>
#include <stdio.h>
#include <string.h>

#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"
#define WARN "\\{\"time\":\"" TIME "\",\"level\":\"warn\",\"msg\":"

#define TEXT_BYTES 8192

static void say_each(struct log_buffer *log)
{
    notice_slow_iteration(log, 3, 123456789);
    notice_paused(log, "Too many open files");
    notice_not_http(log, "127.0.0.1");
    notice_cut_off(log, "::1", HTTP2_PINGS);
    notice_not_proxied(log, "::1");
}

static void say_often(struct log_buffer *log)
{
    for (int i = 0; i < 30; i++) {
        notice_paused(log, "Too many open files");
        notice_cut_off(log, "::1", HTTP2_PINGS);
        notice_not_proxied(log, "::1");
    }
}

/* What stands in the log after that. */
static void read_log(bool is_json, void (*say)(struct log_buffer *), char text[TEXT_BYTES])
{
    struct log log;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(log_start(&log, fileno(file), is_json, 1), 0);
    say(&log.buffers[0]);
    log_hand_over(&log.buffers[0]);
    log_stop(&log);
    rewind(file);
    text[fread(text, 1, TEXT_BYTES - 1, file)] = '\0';
    (void)fclose(file);
}

static void expect_like(const char *text, const char *pattern)
{
    regex_t regex;
    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&regex, text, 0, NULL, 0) != 0)
        fail_msg("'%s' is not like '%s'", text, pattern);
    regfree(&regex);
}

static void people_read_sentences(void **state)
{
    char text[TEXT_BYTES];
    (void)state;
    read_log(false, say_each, text);
    expect_like(text,
                "^" TIME " awaitd: event loop 3 was busy for 123\\.5 ms in one turn\n" TIME
                " awaitd: accepting has stopped: Too many open files\n" TIME
                " 127\\.0\\.0\\.1 \"-\" 400\n" TIME
                " awaitd: an HTTP/2 connection of ::1 was cut off for too many PING frames\n" TIME
                " awaitd: a connection of ::1 did not begin with a PROXY header "
                "\\(proxy_protocol\\)\n$");
}

static void machines_read_json(void **state)
{
    char text[TEXT_BYTES];
    (void)state;
    read_log(true, say_each, text);
    expect_like(text,
                "^" WARN "\"slow turn of an event loop\",\"thread\":3,\"busy_ms\":123\\.5}\n" WARN
                "\"accepting has stopped\",\"why\":\"Too many open files\"}\n" WARN
                "\"unparsable request\",\"status\":400,\"client_ip\":\"127\\.0\\.0\\.1\"}\n" WARN
                "\"HTTP/2 connection cut off\",\"cause\":\"pings\","
                "\"reason\":\"too many PING frames\",\"client_ip\":\"::1\"}\n" WARN
                "\"connection without a PROXY header\",\"peer_ip\":\"::1\"}\n$");
}

/* A second may pass in between. */
static void not_all_are_said(void **state)
{
    char text[TEXT_BYTES];
    int pauses = 0;
    int cut_offs = 0;
    int not_proxied = 0;
    (void)state;
    read_log(false, say_often, text);
    for (const char *at = text; (at = strstr(at, "awaitd: ")) != NULL; at++) {
        pauses += strncmp(at, "awaitd: accepting", 17) == 0;
        cut_offs += strncmp(at, "awaitd: an HTTP/2", 17) == 0;
        not_proxied += strncmp(at, "awaitd: a connection", 20) == 0;
    }
    assert_in_range(pauses, 1, 2);
    assert_in_range(cut_offs, 10, 20);
    assert_in_range(not_proxied, 10, 20);
}

static void nothing_is_said_without_a_log(void **state)
{
    (void)state;
    say_each(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_read_sentences),
        cmocka_unit_test(machines_read_json),
        cmocka_unit_test(not_all_are_said),
        cmocka_unit_test(nothing_is_said_without_a_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
