#include "server/api/metrics_text.h"

#include "server/api/routes.h"
#include "server/http/answer.h"
#include "server/telemetry/process.h"
#include <stdio.h>
#include <stdlib.h>

static const char *const rejection_names[REJECTIONS] = {"max_connections", "max_tasks",
                                                        "max_blocking", "memory", "stopping"};
static const char *const cut_names[CUTS] = {"idle_timeout", "request_timeout", "write_timeout",
                                            "unparsable",   "max_connections", "memory"};

static void describe(FILE *page, const char *name, const char *type, const char *help)
{
    (void)fprintf(page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* ---- adding the threads up ------------------------------------------------------------------- */

/* The counter at this offset of struct metrics, over all threads. */
static uint64_t sum_at(const struct shared *server, size_t offset)
{
    uint64_t sum = 0;
    for (int i = 0; i < server->loop_count; i++) {
        const char *metrics = (const char *)&server->metrics[i];
        sum += counter_read((const struct counter *)(const void *)(metrics + offset));
    }
    return sum;
}

#define SUM(server, member) sum_at((server), offsetof(struct metrics, member))

static void print_one(FILE *page, const char *name, const char *type, const char *help,
                      uint64_t value)
{
    describe(page, name, type, help);
    (void)fprintf(page, "%s %llu\n", name, (unsigned long long)value);
}

/* ---- requests -------------------------------------------------------------------------------- */

static const char *route_name(int route)
{
    return route < METRIC_ROUTES ? routes[route].path : "other";
}

static void print_requests(FILE *page, const struct shared *server)
{
    const char *name = "http_requests_total";
    describe(page, name, "counter", "Requests that have ended, by method, route and status.");
    for (int method = 0; method < METHODS; method++)
        for (int route = 0; route <= METRIC_ROUTES; route++)
            for (int status = 0; status <= STATUSES; status++) {
                uint64_t count = sum_at(
                    server,
                    offsetof(struct metrics, requests) +
                        (size_t)((method * (METRIC_ROUTES + 1) + route) * (STATUSES + 1) + status) *
                            sizeof(struct counter));
                if (count > 0)
                    (void)fprintf(page, "%s{method=\"%s\",route=\"%s\",code=\"%s\"} %llu\n", name,
                                  method_name(method), route_name(route), status_text(status),
                                  (unsigned long long)count);
            }
}

/* `labels`: "route=\"/hi\"," or nothing; each histogram is one of `threads` at this offset. */
static void print_histogram(FILE *page, const char *name, const char *labels,
                            const struct histogram_bounds *bounds, const struct metrics *first,
                            int threads, size_t offset)
{
    uint64_t count = 0;
    uint64_t sum_ns = 0;
    for (int bucket = 0; bucket <= bounds->count; bucket++) {
        for (int i = 0; i < threads; i++) {
            const struct histogram *histogram = (const void *)((const char *)&first[i] + offset);
            count += counter_read(&histogram->buckets[bucket]);
            sum_ns += bucket == 0 ? counter_read(&histogram->sum_ns) : 0;
        }
        if (bucket < bounds->count)
            (void)fprintf(page, "%s_bucket{%sle=\"%g\"} %llu\n", name, labels,
                          (double)bounds->ns[bucket] / 1e9, (unsigned long long)count);
    }
    size_t length = strlen(labels);
    int inner = (int)(length > 0 ? length - 1 : 0);
    (void)fprintf(page, "%s_bucket{%sle=\"+Inf\"} %llu\n", name, labels, (unsigned long long)count);
    (void)fprintf(page, "%s_sum{%.*s} %.9f\n", name, inner, labels, (double)sum_ns / 1e9);
    (void)fprintf(page, "%s_count{%.*s} %llu\n", name, inner, labels, (unsigned long long)count);
}

static void print_durations(FILE *page, const struct shared *server)
{
    const char *name = "http_request_duration_seconds";
    describe(page, name, "histogram", "From a request's arrival to its end, health checks aside.");
    for (int route = 0; routes[route].path != NULL; route++) {
        char labels[64];
        if (routes[route].endpoint == NULL)
            continue;
        (void)snprintf(labels, sizeof labels, "route=\"%s\",", routes[route].path);
        print_histogram(page, name, labels, &request_bounds, server->metrics, server->loop_count,
                        offsetof(struct metrics, durations) +
                            (size_t)route * sizeof(struct histogram));
    }
}

/* ---- the rest -------------------------------------------------------------------------------- */

static void print_by_thread(FILE *page, const struct shared *server, const char *name,
                            const char *help, size_t offset)
{
    describe(page, name, "histogram", help);
    for (int i = 0; i < server->loop_count; i++) {
        char labels[32];
        (void)snprintf(labels, sizeof labels, "thread=\"%d\",", i);
        print_histogram(page, name, labels, &delay_bounds, &server->metrics[i], 1, offset);
    }
}

static void print_tasks(FILE *page, const struct shared *server)
{
    print_one(page, "awaitd_tasks_active", "gauge", "hi() of all requests in flight.",
              (uint64_t)atomic_load(&server->tasks));
    describe(page, "awaitd_tasks_total", "counter", "hi() by the end that their request came to.");
    (void)fprintf(page, "awaitd_tasks_total{outcome=\"done\"} %llu\n",
                  (unsigned long long)SUM(server, tasks_done));
    (void)fprintf(page, "awaitd_tasks_total{outcome=\"cancelled\"} %llu\n",
                  (unsigned long long)SUM(server, tasks_cancelled));
}

/* A counter among others of its kind, told from them by a label. */
static void print_labelled(FILE *page, const struct shared *server, const char *name,
                           const char *label, const char *value, size_t offset)
{
    (void)fprintf(page, "%s{%s=\"%s\"} %llu\n", name, label, value,
                  (unsigned long long)sum_at(server, offset));
}

static void print_rejections(FILE *page, const struct shared *server)
{
    const char *name = "awaitd_requests_rejected_total";
    describe(page, name, "counter", "Requests answered 503, by the limit that was reached.");
    for (size_t reason = 0; reason < REJECTIONS; reason++)
        print_labelled(page, server, name, "reason", rejection_names[reason],
                       offsetof(struct metrics, rejections) + reason * sizeof(struct counter));
}

static void print_tls(FILE *page, const struct shared *server)
{
    const char *name = "awaitd_tls_handshakes_total";
    if (!tls_is_wanted(server->config))
        return;
    describe(page, name, "counter", "TLS handshakes by their outcome; one cut short has failed.");
    (void)fprintf(page, "%s{outcome=\"done\"} %llu\n%s{outcome=\"failed\"} %llu\n", name,
                  (unsigned long long)SUM(server, tls_done), name,
                  (unsigned long long)SUM(server, tls_failed));
}

static void print_http2_killed(FILE *page, const struct shared *server)
{
    const char *name = "awaitd_http2_connections_killed_total";
    if (server->config->http2 == CONFIG_OFF)
        return;
    describe(page, name, "counter", "HTTP/2 connections that were cut off, by the reason.");
    for (size_t cause = HTTP2_NONE + 1; cause < HTTP2_REASONS; cause++)
        print_labelled(page, server, name, "cause", http2_reason_name((enum http2_reason)cause),
                       offsetof(struct metrics, http2_killed) + cause * sizeof(struct counter));
}

static void print_cuts(FILE *page, const struct shared *server)
{
    const char *name = "awaitd_connections_cut_total";
    describe(page, name, "counter", "Connections that awaitd ended on its own, by the reason.");
    for (size_t reason = 0; reason < CUTS; reason++)
        print_labelled(page, server, name, "reason", cut_names[reason],
                       offsetof(struct metrics, cuts) + reason * sizeof(struct counter));
    print_one(page, "awaitd_accept_pauses_total", "counter",
              "Times that accepting stopped for want of descriptors or memory.",
              SUM(server, accept_pauses));
}

static void print_connections(FILE *page, const struct shared *server)
{
    print_one(page, "http_requests_in_flight", "gauge", "Requests that are being handled.",
              SUM(server, taken_on) - SUM(server, ended));
    print_one(page, "http_connections", "gauge", "Open connections.",
              SUM(server, opened) - SUM(server, closed));
    print_one(page, "awaitd_client_disconnects_total", "counter",
              "Clients that left before their answer was complete.", SUM(server, disconnects));
}

static void print_process(FILE *page, const struct shared *server)
{
    struct process process = process_read();
    describe(page, "process_cpu_seconds_total", "counter", "User and system CPU time.");
    (void)fprintf(page, "process_cpu_seconds_total %.6f\n", process.cpu_seconds);
    print_one(page, "process_resident_memory_bytes", "gauge", "Resident memory.",
              process.resident_bytes);
    print_one(page, "process_virtual_memory_bytes", "gauge", "Virtual memory.",
              process.virtual_bytes);
    print_one(page, "process_open_fds", "gauge", "Open descriptors.", process.open_fds);
    print_one(page, "process_max_fds", "gauge", "Descriptors that may be open.", process.max_fds);
    describe(page, "process_start_time_seconds", "gauge", "Start of the process, since the epoch.");
    (void)fprintf(page, "process_start_time_seconds %.3f\n", server->started_at_seconds);
    describe(page, "awaitd_build_info", "gauge", "Always 1.");
    (void)fprintf(page, "awaitd_build_info{version=\"%s\"} 1\n", AWAITD_VERSION);
}

static void print_page(FILE *page, const struct shared *server)
{
    print_requests(page, server);
    print_durations(page, server);
    print_connections(page, server);
    print_tls(page, server);
    print_http2_killed(page, server);
    print_tasks(page, server);
    print_rejections(page, server);
    print_cuts(page, server);
    print_by_thread(page, server, "awaitd_timer_overshoot_seconds", "How late sleeps ended.",
                    offsetof(struct metrics, overshoot));
    print_by_thread(page, server, "awaitd_event_loop_lag_seconds",
                    "How long a loop was busy, from one wait for events to the next.",
                    offsetof(struct metrics, turns));
    print_one(page, "awaitd_slow_turns_total", "counter",
              "Turns of a loop that took more than 100 ms.", SUM(server, slow_turns));
    print_one(page, "awaitd_log_dropped_lines_total", "counter",
              "Log lines dropped because the log was written too slowly.",
              log_dropped(&server->log));
    print_process(page, server);
}

void metrics_answer(struct request *request)
{
    char *text = NULL;
    size_t length = 0;
    FILE *page = open_memstream(&text, &length);
    if (page != NULL) {
        print_page(page, request->loop->shared);
        (void)fclose(page);
    }
    answer_send(request, 200, "text/plain; version=0.0.4; charset=utf-8", text == NULL ? "" : text,
                length);
    free(text);
}
