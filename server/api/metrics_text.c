#include "server/api/metrics_text.h"

#include "server/http/answer.h"
#include "server/recorder/recorder.h"
#include "server/telemetry/process.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- the format ------------------------------------------------------------------------------ */

static void describe(FILE *page, const char *name, const char *type, const char *help)
{
    (void)fprintf(page, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_one(FILE *page, const char *name, const char *type, const char *help,
                      uint64_t value)
{
    describe(page, name, type, help);
    (void)fprintf(page, "%s %llu\n", name, (unsigned long long)value);
}

/* One counter of several that share a name. */
static void print_labelled(FILE *page, const char *name, const char *label, const char *value,
                           const struct counter *counter)
{
    (void)fprintf(page, "%s{%s=\"%s\"} %llu\n", name, label, value,
                  (unsigned long long)counter_read(counter));
}

static void print_histogram(FILE *page, const char *name, const char *label, const char *value,
                            const struct histogram_bounds *bounds,
                            const struct histogram *histogram)
{
    char labels[64];
    unsigned long long count = 0;
    (void)snprintf(labels, sizeof labels, "%s=\"%s\"", label, value);
    for (int bucket = 0; bucket < bounds->count; bucket++) {
        count += counter_read(&histogram->buckets[bucket]);
        (void)fprintf(page, "%s_bucket{%s,le=\"%g\"} %llu\n", name, labels,
                      (double)bounds->ns[bucket] / 1e9, count);
    }
    count += counter_read(&histogram->buckets[bounds->count]);
    (void)fprintf(page, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, labels, count);
    (void)fprintf(page, "%s_sum{%s} %.9f\n", name, labels,
                  (double)counter_read(&histogram->sum_ns) / 1e9);
    (void)fprintf(page, "%s_count{%s} %llu\n", name, labels, count);
}

/* ---- all loops together ---------------------------------------------------------------------- */

static void print_requests(FILE *page, const struct metrics *sum, const struct route *routes)
{
    const char *name = "http_requests_total";
    describe(page, name, "counter", "Requests that have ended, by method, route and status.");
    int count = 0;
    while (routes[count].path != NULL)
        count++;
    for (int method = 0; method < METHODS; method++)
        for (int route = 0; route <= METRIC_ROUTES; route++)
            for (int status = 0; status <= STATUSES; status++) {
                uint64_t requests = counter_read(&sum->requests[method][route][status]);
                if (requests > 0)
                    (void)fprintf(page, "%s{method=\"%s\",route=\"%s\",code=\"%s\"} %llu\n", name,
                                  method_names[method],
                                  route < count ? routes[route].path : "other", status_text(status),
                                  (unsigned long long)requests);
            }
    name = "http_request_duration_seconds";
    describe(page, name, "histogram", "From a request's arrival to its end, health checks aside.");
    for (int route = 0; route < count; route++)
        if (routes[route].endpoint != NULL)
            print_histogram(page, name, "route", routes[route].path, &request_bounds,
                            &sum->durations[route]);
    print_one(page, "http_requests_in_flight", "gauge", "Requests that are being handled.",
              counter_read(&sum->taken_on) - counter_read(&sum->ended));
}

static void print_connections(FILE *page, const struct metrics *sum, const struct config *config)
{
    const char *name = "awaitd_tls_handshakes_total";
    print_one(page, "http_connections", "gauge", "Open connections.",
              counter_read(&sum->opened) - counter_read(&sum->closed));
    print_one(page, "http_connections_opened_total", "counter",
              "Connections that were taken on; requests by this tell how well clients reuse them.",
              counter_read(&sum->opened));
    print_one(page, "awaitd_client_disconnects_total", "counter",
              "Clients that left before their answer was complete.",
              counter_read(&sum->disconnects));
    if (tls_is_wanted(config)) {
        describe(page, name, "counter",
                 "TLS handshakes by their outcome; one cut short has failed.");
        print_labelled(page, name, "outcome", "done", &sum->tls_done);
        print_labelled(page, name, "outcome", "failed", &sum->tls_failed);
    }
    if (config->http2 == CONFIG_OFF)
        return;
    name = "awaitd_http2_connections_killed_total";
    describe(page, name, "counter", "HTTP/2 connections that were cut off, by the reason.");
    for (int reason = HTTP2_NONE + 1; reason < HTTP2_REASONS; reason++)
        print_labelled(page, name, "cause", http2_reasons[reason].name, &sum->http2_killed[reason]);
    name = "awaitd_http2_streams_killed_total";
    describe(page, name, "counter", "HTTP/2 streams that were ended alone, by the reason.");
    for (int reason = 0; reason < HTTP2_STREAM_REASONS; reason++)
        print_labelled(page, name, "cause", http2_stream_reasons[reason].name,
                       &sum->http2_streams_killed[reason]);
}

/* ---- each loop, and the process -------------------------------------------------------------- */

/* Of one loop; loops have numbers. */
static void print_loop(FILE *page, const char *name, int loop, const struct histogram *histogram)
{
    char number[12];
    (void)snprintf(number, sizeof number, "%d", loop);
    print_histogram(page, name, "thread", number, &delay_bounds, histogram);
}

static void print_loops(FILE *page, const struct metrics *each, int count)
{
    const char *name = "awaitd_timer_overshoot_seconds";
    describe(page, name, "histogram", "How late sleeps ended.");
    for (int i = 0; i < count; i++)
        print_loop(page, name, i, &each[i].overshoot);
    name = "awaitd_event_loop_lag_seconds";
    describe(page, name, "histogram",
             "How long a loop was busy, from one wait for events to the next.");
    for (int i = 0; i < count; i++)
        print_loop(page, name, i, &each[i].iterations);
}

static void print_process(FILE *page, double started_at_seconds, struct descriptors *descriptors)
{
    struct process process = process_read(descriptors);
    describe(page, "process_cpu_seconds_total", "counter", "User and system CPU time.");
    (void)fprintf(page, "process_cpu_seconds_total %.6f\n", process.cpu_seconds);
    print_one(page, "process_resident_memory_bytes", "gauge", "Resident memory.",
              process.resident_bytes);
    print_one(page, "process_virtual_memory_bytes", "gauge", "Virtual memory.",
              process.virtual_bytes);
    print_one(page, "process_open_fds", "gauge", "Open descriptors.", process.open_fds);
    print_one(page, "process_max_fds", "gauge", "Descriptors that may be open.", process.max_fds);
    describe(page, "process_start_time_seconds", "gauge", "Start of the process, since the epoch.");
    (void)fprintf(page, "process_start_time_seconds %.3f\n", started_at_seconds);
    describe(page, "awaitd_build_info", "gauge", "Always 1.");
    (void)fprintf(page, "awaitd_build_info{version=\"%s\"} 1\n", AWAITD_VERSION);
}

static void print_page(FILE *page, struct shared *shared)
{
    struct metrics sum = {0};
    for (int i = 0; i < shared->loop_count; i++)
        metrics_add(&sum, &shared->metrics[i]);
    print_requests(page, &sum, shared->routes);
    print_connections(page, &sum, shared->config);
    print_one(page, "awaitd_tasks_active", "gauge", "hi() of all requests in flight.",
              (uint64_t)atomic_load(&shared->taken[BUDGET_TASKS]));
    print_one(page, "awaitd_held_bytes", "gauge", "Memory of requests in flight, of max_held.",
              (uint64_t)atomic_load(&shared->taken[BUDGET_HELD]));
    if (shared->config->live == CONFIG_ON) {
        print_one(page, "awaitd_recorded_bytes", "gauge",
                  "Memory of recordings and of what is told of runs, of record_bytes.",
                  (uint64_t)atomic_load(&shared->recorder->kept_bytes));
        print_one(page, "awaitd_viewers", "gauge", "Streams of /events, of max_viewers.",
                  (uint64_t)atomic_load(&shared->recorder->viewer_count));
    }
    const char *name = "awaitd_tasks_total";
    describe(page, name, "counter", "hi() by the end that their request came to.");
    print_labelled(page, name, "outcome", "done", &sum.tasks_done);
    print_labelled(page, name, "outcome", "cancelled", &sum.tasks_cancelled);
    name = "awaitd_requests_rejected_total";
    describe(page, name, "counter", "Requests answered 503, by the limit that was reached.");
    for (int reason = 0; reason < REJECTIONS; reason++)
        print_labelled(page, name, "reason", reject_reason_names[reason], &sum.rejections[reason]);
    name = "awaitd_connections_cut_total";
    describe(page, name, "counter", "Connections that awaitd ended on its own, by the reason.");
    for (int reason = 0; reason < CUTS; reason++)
        print_labelled(page, name, "reason", cut_reason_names[reason], &sum.cuts[reason]);
    print_one(page, "awaitd_accept_pauses_total", "counter",
              "Times that accepting stopped for want of descriptors or memory.",
              counter_read(&sum.accept_pauses));
    print_loops(page, shared->metrics, shared->loop_count);
    print_one(page, "awaitd_slow_turns_total", "counter",
              "Turns of a loop that took more than 100 ms.", counter_read(&sum.slow_iterations));
    print_one(page, "awaitd_log_dropped_lines_total", "counter",
              "Log lines dropped because the log was written too slowly.",
              log_dropped(&shared->log));
    print_process(page, shared->started_at_seconds, &shared->descriptors);
}

static h2o_iovec_t make_page(struct shared *shared)
{
    char *text = NULL;
    size_t length = 0;
    FILE *page = open_memstream(&text, &length);
    if (page != NULL) {
        print_page(page, shared);
        (void)fclose(page);
    }
    h2o_iovec_t copy = {h2o_mem_alloc_shared(NULL, length + 1, NULL), length};
    if (length > 0)
        memcpy(copy.base, text, length);
    free(text);
    return copy;
}

/* Those who ask in one iteration of the loop ask at the same moment: they get one page. */
void metrics_answer(struct request *request)
{
    h2o_iovec_t *page = &request->loop->metrics_page;
    if (page->base == NULL)
        *page = make_page(request->loop->shared);
    h2o_mem_link_shared(&request->req->pool, page->base);
    answer_lend(request, 200, "text/plain; version=0.0.4; charset=utf-8", *page);
}

void metrics_forget(struct loop *loop)
{
    if (loop->metrics_page.base != NULL)
        h2o_mem_release_shared(loop->metrics_page.base);
    loop->metrics_page = (h2o_iovec_t){NULL, 0};
}
