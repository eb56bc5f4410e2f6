#include "server/telemetry/notices.h"

#include "async/clock.h"
#include "server/telemetry/notice.h"
#include "text/duration.h"
#include <stdio.h>

#define PAUSES_IN_SECOND     1
#define CUT_OFFS_IN_SECOND   10
#define HANDSHAKES_IN_SECOND 10

static void say(struct log_buffer *log, const char *level, const char *msg, const char *sentence,
                const struct field *fields)
{
    char line[NOTICE_BYTES];
    const struct notice notice = {level, msg, sentence, fields};
    if (log != NULL)
        log_write(log, line, notice_put(line, log->log->json, &notice));
}

static void warn(struct log_buffer *log, const char *msg, const char *sentence,
                 const struct field *fields)
{
    say(log, "warn", msg, sentence, fields);
}

/* The main thread turns no loop that would do it later. */
static void say_now(struct log_buffer *log, const char *level, const char *msg,
                    const char *sentence, const struct field *fields)
{
    say(log, level, msg, sentence, fields);
    if (log != NULL)
        log_hand_over(log);
}

/* A second begins with the first line in it. */
static bool is_allowed(struct log_rate *rate, int most_in_second)
{
    int64_t now_ns = clock_now_ns();
    if (now_ns - rate->since_ns >= NS_PER_SECOND)
        *rate = (struct log_rate){.since_ns = now_ns};
    return rate->lines++ < most_in_second;
}

void notice_slow_iteration(struct log_buffer *log, int thread, int64_t busy_ns)
{
    const struct field fields[] = {
        {.key = "thread", .number = thread},
        {.key = "busy_ms", .number = (double)busy_ns / 1e6, .decimals = 1},
        {0}};
    warn(log, "slow turn of an event loop",
         "{time} awaitd: event loop {thread} was busy for {busy_ms} ms in one turn", fields);
}

void notice_paused(struct log_buffer *log, const char *why)
{
    const struct field fields[] = {{.key = "why", .word = why}, {0}};
    if (log != NULL && is_allowed(&log->pauses, PAUSES_IN_SECOND))
        warn(log, "accepting has stopped", "{time} awaitd: accepting has stopped: {why}", fields);
}

void notice_not_http(struct log_buffer *log, const char *client)
{
    const struct field fields[] = {
        {.key = "status", .number = 400}, {.key = "client_ip", .word = client}, {0}};
    warn(log, "unparsable request", "{time} {client_ip} \"-\" {status}", fields);
}

void notice_not_proxied(struct log_buffer *log, const char *peer)
{
    const struct field fields[] = {{.key = "peer_ip", .word = peer}, {0}};
    if (log != NULL && is_allowed(&log->not_proxied, CUT_OFFS_IN_SECOND))
        warn(log, "connection without a PROXY header",
             "{time} awaitd: a connection of {peer_ip} did not begin with a PROXY header "
             "(proxy_protocol)",
             fields);
}

void notice_cut_off(struct log_buffer *log, const char *client, enum http2_reason reason)
{
    const struct field fields[] = {{.key = "cause", .word = http2_reasons[reason].name},
                                   {.key = "reason", .word = http2_reasons[reason].text},
                                   {.key = "client_ip", .word = client},
                                   {0}};
    if (log != NULL && is_allowed(&log->cut_offs, CUT_OFFS_IN_SECOND))
        warn(log, "HTTP/2 connection cut off",
             "{time} awaitd: an HTTP/2 connection of {client_ip} was cut off for {reason}", fields);
}

void notice_tls_failed(struct log_buffer *log, const char *client, const char *reason)
{
    const struct field fields[] = {
        {.key = "reason", .word = reason}, {.key = "client_ip", .word = client}, {0}};
    if (log != NULL && is_allowed(&log->handshakes, HANDSHAKES_IN_SECOND))
        warn(log, "TLS handshake failed", "{time} awaitd: TLS with {client_ip} failed: {reason}",
             fields);
}

/* ---- the process as a whole ------------------------------------------------------------------ */

void notice_told_to_stop(struct log_buffer *log, const char *signal, const struct config *config)
{
    char delay[DURATION_TEXT_BYTES];
    char timeout[DURATION_TEXT_BYTES];
    duration_print(config->drain_delay_ns, delay);
    duration_print(config->drain_timeout_ns, timeout);
    const struct field fields[] = {{.key = "signal", .word = signal},
                                   {.key = "drain_delay", .word = delay},
                                   {.key = "drain_timeout", .word = timeout},
                                   {0}};
    say_now(log, "info", "told to stop",
            "{time} awaitd: told to stop by {signal}; accepts for {drain_delay} more, then drains "
            "for {drain_timeout} at most",
            fields);
}

void notice_draining(struct log_buffer *log, uint64_t requests, uint64_t connections)
{
    const struct field fields[] = {{.key = "requests", .number = (double)requests},
                                   {.key = "connections", .number = (double)connections},
                                   {0}};
    say_now(log, "info", "draining",
            "{time} awaitd: draining: {requests} requests are running, {connections} connections "
            "are open",
            fields);
}

void notice_told_again(struct log_buffer *log, const char *signal)
{
    const struct field fields[] = {{.key = "signal", .word = signal}, {0}};
    say_now(log, "warn", "told to stop at once",
            "{time} awaitd: told to stop again, by {signal}: what is running is ended now", fields);
}

void notice_certificate(struct log_buffer *log, bool is_renewed, const char *why)
{
    const struct field fields[] = {{.key = "why", .word = why}, {0}};
    const struct field *none = &fields[1];
    if (!is_renewed)
        say_now(log, "error", "certificate not renewed",
                "{time} awaitd: the certificate in use stays: {why}", fields);
    else if (why[0] != '\0')
        say_now(log, "warn", "certificate renewed",
                "{time} awaitd: read the certificate again: {why}", fields);
    else
        say_now(log, "info", "certificate renewed", "{time} awaitd: read the certificate again",
                none);
}

void notice_stuck(struct log_buffer *log, int loops)
{
    const struct field fields[] = {{.key = "loops", .number = loops}, {0}};
    say_now(log, "error", "stopped without its loops",
            "{time} awaitd: {loops} event loops do not end; stopping without them", fields);
}

void notice_stopped(struct log_buffer *log, uint64_t requests, uint64_t cut_off, int64_t took_ns)
{
    const struct field fields[] = {
        {.key = "requests", .number = (double)requests},
        {.key = "cut_off", .number = (double)cut_off},
        {.key = "seconds", .number = (double)took_ns / 1e9, .decimals = 3},
        {0}};
    say_now(log, cut_off == 0 ? "info" : "warn", "stopped",
            "{time} awaitd: stopped after {seconds} s; {requests} requests since the start, "
            "{cut_off} of them cut off",
            fields);
}

void notice_listening(bool is_json, const char *where, int threads, const struct config *config)
{
    char line[NOTICE_BYTES];
    char delay[DURATION_TEXT_BYTES];
    char duration[DURATION_TEXT_BYTES];
    duration_print(config->max_delay_ns, delay);
    duration_print(config->max_duration_ns, duration);
    const struct field fields[] = {
        {.key = "version", .word = AWAITD_VERSION},
        {.key = "address", .word = where},
        {.key = "threads", .number = threads},
        {.key = "max_delay", .word = delay},
        {.key = "max_duration", .word = duration},
        {.key = "max_count", .number = (double)config->max_count},
        {.key = "max_tasks", .number = (double)config->max_tasks},
        {.key = "max_connections", .number = (double)config->max_connections},
        {0}};
    const struct notice notice = {
        "info", "listening",
        "awaitd {version} listening on {address} ({threads} event loops; max_delay {max_delay}, "
        "max_duration {max_duration}, max_count {max_count}, max_tasks {max_tasks}, "
        "max_connections {max_connections})",
        fields};
    size_t length = notice_put(line, is_json, &notice);
    (void)fwrite(line, 1, length, stdout);
    (void)fflush(stdout);
}
