#include "server/http/access_log.h"

#include "async/clock.h"
#include "server/http/request.h"
#include "text/duration.h"
#include "text/put.h"
#include <stdio.h>
#include <sys/time.h>

/* What a client sent is cut here before it is escaped, six bytes for one at the worst. */
#define LONGEST_FIELD 512
#define LINE_BYTES    (3 * 6 * LONGEST_FIELD + 1024)

struct entry {
    const char *time; /* RFC 3339, UTC, to the second */
    int milliseconds;
    int64_t duration_ns;
    h2o_iovec_t method;
    h2o_iovec_t uri;
    h2o_iovec_t user_agent;
    const char *client;
    int version;
    uint64_t status;
    uint64_t sent_bytes;
    uint64_t body_bytes;
    const char *route;
    const char *request_id;
    uint64_t tasks;
    struct trace trace;
};

static char *put_field(char *at, h2o_iovec_t field)
{
    return put_json_escaped(at, field.base, field.len < LONGEST_FIELD ? field.len : LONGEST_FIELD);
}

static char *put_time(char *at, const struct entry *entry)
{
    at = put_text(at, entry->time);
    *at++ = '.';
    *at++ = (char)('0' + entry->milliseconds / 100);
    *at++ = (char)('0' + entry->milliseconds / 10 % 10);
    *at++ = (char)('0' + entry->milliseconds % 10);
    *at++ = 'Z';
    return at;
}

static char *put_duration_ms(char *at, int64_t duration_ns)
{
    return put_seconds(at, duration_ns * 1000, 3);
}

static const char *protocol_of(int version)
{
    return version >= 0x200 ? "HTTP/2" : version == 0x100 ? "HTTP/1.0" : "HTTP/1.1";
}

/* Escaped as in JSON, so that a client cannot forge a line or send a terminal its control codes. */
static char *put_text_line(char *at, const struct entry *entry)
{
    at = put_time(at, entry);
    *at++ = ' ';
    at = put_text(at, entry->client);
    at = put_text(at, " \"");
    at = put_field(at, entry->method);
    *at++ = ' ';
    at = put_field(at, entry->uri);
    *at++ = ' ';
    at = put_text(at, protocol_of(entry->version));
    at = put_text(at, "\" ");
    at = put_number(at, entry->status);
    *at++ = ' ';
    at = put_number(at, entry->sent_bytes);
    at = put_text(at, " B ");
    at = put_duration_ms(at, entry->duration_ns);
    at = put_text(at, " ms \"");
    at = put_field(at, entry->user_agent);
    at = put_text(at, "\" ");
    at = put_text(at, entry->request_id);
    *at++ = '\n';
    return at;
}

static const char *level_of(uint64_t status)
{
    return status >= 500 ? "error" : status >= 400 ? "warn" : "info";
}

static const char *outcome_of(uint64_t status)
{
    switch (status) {
    case 499:
        return "cancelled";
    case 503:
        return "rejected";
    default:
        return status >= 400 ? "failed" : "done";
    }
}

static char *put_trace(char *at, const struct trace *trace)
{
    if (trace->trace_id.len == 0)
        return at;
    at = put_text(at, "\",\"trace_id\":\"");
    at = put_field(at, trace->trace_id);
    at = put_text(at, "\",\"span_id\":\"");
    return put_field(at, trace->span_id);
}

/* Each piece of our own closes the quotes of what came before it. Our words need no escapes. */
static char *put_json_line(char *at, const struct entry *entry)
{
    at = put_text(at, "{\"time\":\"");
    at = put_time(at, entry);
    at = put_text(at, "\",\"level\":\"");
    at = put_text(at, level_of(entry->status));
    at = put_text(at, "\",\"msg\":\"request\",\"method\":\"");
    at = put_field(at, entry->method);
    at = put_text(at, "\",\"route\":\"");
    at = put_text(at, entry->route);
    at = put_text(at, "\",\"uri\":\"");
    at = put_field(at, entry->uri);
    at = put_text(at, "\",\"protocol\":\"");
    at = put_text(at, protocol_of(entry->version));
    at = put_text(at, "\",\"status\":");
    at = put_number(at, entry->status);
    at = put_text(at, ",\"duration_ms\":");
    at = put_duration_ms(at, entry->duration_ns);
    at = put_text(at, ",\"size_bytes\":");
    at = put_number(at, entry->sent_bytes);
    at = put_text(at, ",\"request_size_bytes\":");
    at = put_number(at, entry->body_bytes);
    at = put_text(at, ",\"client_ip\":\"");
    at = put_text(at, entry->client);
    at = put_text(at, "\",\"user_agent\":\"");
    at = put_field(at, entry->user_agent);
    at = put_text(at, "\",\"request_id\":\"");
    at = put_text(at, entry->request_id);
    at = put_trace(at, &entry->trace);
    at = put_text(at, "\",\"outcome\":\"");
    at = put_text(at, outcome_of(entry->status));
    at = put_text(at, "\",\"tasks\":");
    at = put_number(at, entry->tasks);
    return put_text(at, "}\n");
}

/* gmtime_r() and strftime() cost more than all the rest of a line: once a second is enough. */
static const char *time_text(struct loop *loop, time_t second)
{
    if (loop->wall_second != second) {
        struct tm utc;
        loop->wall_second = second;
        (void)strftime(loop->wall_text, sizeof loop->wall_text, "%Y-%m-%dT%H:%M:%S",
                       gmtime_r(&second, &utc));
    }
    return loop->wall_text;
}

/* libh2o asks the clock once a millisecond, and no line shows more. */
static struct entry describe(h2o_req_t *req, const struct request *request, int64_t now_ns)
{
    const struct timeval *now = h2o_get_timestamp(req->conn->ctx, NULL, NULL);
    int64_t began_ns = request->at_ns;
    ssize_t agent = h2o_find_header(&req->headers, H2O_TOKEN_USER_AGENT, -1);
    return (struct entry){
        .time = time_text(request->connection->loop, now->tv_sec),
        .milliseconds = (int)(now->tv_usec / 1000),
        .duration_ns = began_ns == 0 ? 0 : now_ns - began_ns,
        .method = req->input.method,
        .uri = req->input.path,
        .user_agent = agent == -1 ? (h2o_iovec_t){NULL, 0} : req->headers.entries[agent].value,
        .client = request->connection->client,
        .version = req->version,
        .status = (uint64_t)req->res.status,
        .sent_bytes = req->bytes_sent,
        .body_bytes = req->entity.len,
        .route = request->route != NULL ? request->route->path : "other",
        .request_id = request_id((struct request *)request),
        .tasks = (uint64_t)request->tasks,
        .trace = trace_of(req),
    };
}

static void write_line(h2o_req_t *req, const struct request *request, int64_t now_ns)
{
    char line[LINE_BYTES];
    struct loop *loop = request->connection->loop;
    struct entry entry = describe(req, request, now_ns);
    bool is_json = loop->shared->logs_json;
    char *end = is_json ? put_json_line(line, &entry) : put_text_line(line, &entry);
    log_write(loop->log, line, (size_t)(end - line));
}

static void count(const h2o_req_t *req, const struct request *request, int64_t now_ns)
{
    const struct route *route = request->route;
    struct metrics *metrics = request->loop->metrics;
    int status = status_index(req->res.status);
    size_t index = route == NULL ? METRIC_ROUTES : (size_t)(route - request->loop->shared->routes);
    counter_add(&metrics->requests[request->method][index][status], 1);
    if (route != NULL && route->endpoint != NULL)
        histogram_add(&metrics->durations[index], &request_bounds, now_ns - request->at_ns);
}

/* Probes and scrapes come for ever and say nothing, as long as they succeed. */
static bool is_worth_a_line(const h2o_req_t *req, const struct request *request)
{
    bool is_probe = request->route != NULL && request->route->is_for_operators;
    return !is_probe || req->res.status != 200;
}

/* HTTP/1 answers such a request itself; libh2o disposes of a stream without a word. */
static void note_departure(h2o_req_t *req, const struct request *request)
{
    if (!request->is_http2 || !request->is_unanswered)
        return;
    req->res.status = 499;
    counter_add(&request->loop->metrics->disconnects, 1);
}

static void log_access(h2o_logger_t *logger, h2o_req_t *req)
{
    (void)logger;
    struct request *request = request_of(req);
    int64_t now_ns = clock_now_ns();
    note_departure(req, request);
    count(req, request, now_ns);
    if (request->connection->loop->log != NULL && is_worth_a_line(req, request))
        write_line(req, request, now_ns);
    request_end(request);
}

void access_log_register(h2o_pathconf_t *path)
{
    h2o_logger_t *logger = h2o_create_logger(path, sizeof *logger);
    logger->log_access = log_access;
}

void access_log_slow_turn(struct loop *loop, int64_t busy_ns)
{
    char line[160];
    int number = (int)(loop->metrics - loop->shared->metrics);
    double busy_ms = (double)busy_ns / 1e6;
    if (loop->log == NULL)
        return;
    int length =
        loop->shared->logs_json
            ? snprintf(line, sizeof line,
                       "{\"level\":\"warn\",\"msg\":\"slow turn of an event loop\","
                       "\"thread\":%d,\"busy_ms\":%.1f}\n",
                       number, busy_ms)
            : snprintf(line, sizeof line,
                       "awaitd: event loop %d was busy for %.1f ms in one turn\n", number, busy_ms);
    log_write(loop->log, line, (size_t)length);
}

void access_log_not_http(struct connection *connection)
{
    char line[LINE_BYTES];
    struct loop *loop = connection->loop;
    if (loop->log == NULL)
        return;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    struct entry entry = {.time = time_text(loop, now.tv_sec),
                          .milliseconds = (int)(now.tv_nsec / 1000000)};
    bool is_json = loop->shared->logs_json;
    char *at = put_time(is_json ? put_text(line, "{\"time\":\"") : line, &entry);
    at = put_text(at, is_json
                          ? "\",\"level\":\"warn\",\"msg\":\"unparsable request\",\"status\":400,"
                            "\"client_ip\":\""
                          : " ");
    at = put_text(at, connection->client);
    at = put_text(at, is_json ? "\"}\n" : " \"-\" 400\n");
    log_write(loop->log, line, (size_t)(at - line));
}

void access_log_paused(struct loop *loop, const char *why)
{
    char line[160];
    int64_t now_ns = clock_now_ns();
    if (loop->log == NULL || now_ns - loop->pause_logged_ns < 1000000000)
        return;
    loop->pause_logged_ns = now_ns;
    int length =
        snprintf(line, sizeof line,
                 loop->shared->logs_json
                     ? "{\"level\":\"warn\",\"msg\":\"accepting has stopped\",\"why\":\"%s\"}\n"
                     : "awaitd: accepting has stopped: %s\n",
                 why);
    log_write(loop->log, line, (size_t)length);
}

void access_log_started(const struct shared *server, const char *where)
{
    const struct config *config = server->config;
    char delay[DURATION_TEXT_BYTES];
    char duration[DURATION_TEXT_BYTES];
    duration_print(config->max_delay_ns, delay);
    duration_print(config->max_duration_ns, duration);
    long long count = config->max_count;
    long long tasks = config->max_tasks;
    long long connections = config->max_connections;
    if (server->logs_json)
        (void)printf(
            "{\"level\":\"info\",\"msg\":\"listening\",\"version\":\"%s\",\"address\":\"%s\","
            "\"threads\":%d,\"max_delay\":\"%s\",\"max_duration\":\"%s\","
            "\"max_count\":%lld,\"max_tasks\":%lld,\"max_connections\":%lld}\n",
            AWAITD_VERSION, where, server->loop_count, delay, duration, count, tasks, connections);
    else
        (void)printf("awaitd %s listening on %s (%d event loops; max_delay %s, max_duration %s, "
                     "max_count %lld, max_tasks %lld, max_connections %lld)\n",
                     AWAITD_VERSION, where, server->loop_count, delay, duration, count, tasks,
                     connections);
    (void)fflush(stdout);
}
