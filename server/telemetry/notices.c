#include "server/telemetry/notices.h"

#include "async/clock.h"
#include "server/telemetry/notice.h"
#include "text/duration.h"
#include <stdio.h>

#define PAUSES_IN_SECOND   1
#define CUT_OFFS_IN_SECOND 10

static void warn(struct log_buffer *log, const char *msg, const char *sentence,
                 const struct field *fields)
{
    char line[NOTICE_BYTES];
    const struct notice notice = {"warn", msg, sentence, fields};
    log_write(log, line, notice_put(line, log->log->json, &notice));
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
    if (log != NULL)
        warn(log, "slow turn of an event loop",
             "awaitd: event loop {thread} was busy for {busy_ms} ms in one turn", fields);
}

void notice_paused(struct log_buffer *log, const char *why)
{
    const struct field fields[] = {{.key = "why", .word = why}, {0}};
    if (log != NULL && is_allowed(&log->pauses, PAUSES_IN_SECOND))
        warn(log, "accepting has stopped", "awaitd: accepting has stopped: {why}", fields);
}

void notice_not_http(struct log_buffer *log, const char *client)
{
    const struct field fields[] = {
        {.key = "status", .number = 400}, {.key = "client_ip", .word = client}, {0}};
    if (log != NULL)
        warn(log, "unparsable request", "{time} {client_ip} \"-\" {status}", fields);
}

void notice_not_proxied(struct log_buffer *log, const char *peer)
{
    const struct field fields[] = {{.key = "peer_ip", .word = peer}, {0}};
    if (log != NULL && is_allowed(&log->not_proxied, CUT_OFFS_IN_SECOND))
        warn(log, "connection without a PROXY header",
             "awaitd: a connection of {peer_ip} did not begin with a PROXY header "
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
             "awaitd: an HTTP/2 connection of {client_ip} was cut off for {reason}", fields);
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
