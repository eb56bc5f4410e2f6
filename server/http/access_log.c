#include "server/http/access_log.h"

#include "async/clock.h"
#include "server/base/status.h"
#include "server/http/request.h"
#include "text/put.h"

/* What a client sent is cut here before it is escaped, six bytes for one at the worst. */
#define LONGEST_FIELD 512
#define LINE_BYTES    (3 * 6 * LONGEST_FIELD + 1024)

struct entry {
    const char *time; /* of WALL_TIME_BYTES */
    int64_t duration_ns;
    h2o_iovec_t method;
    h2o_iovec_t uri;
    h2o_iovec_t user_agent;
    const char *client;
    const char *peer;
    const char *protocol;
    uint64_t status;
    uint64_t sent_bytes;
    uint64_t body_bytes;
    const char *route;
    const char *request_id;
    uint64_t tasks;
    struct trace trace;
};

/* Escaped as in JSON, so that a client cannot forge a line or send a terminal its control codes. */
static char *put_field(char *at, h2o_iovec_t field)
{
    return put_json_escaped(at, field.base, field.len < LONGEST_FIELD ? field.len : LONGEST_FIELD);
}

/* Seconds of a thousandth of a nanosecond each are milliseconds. */
static char *put_milliseconds(char *at, int64_t duration_ns)
{
    return put_seconds(at, duration_ns * 1000, 3);
}

static char *put_text_line(char *at, const struct entry *entry)
{
    at = put_bytes(at, entry->time, WALL_TIME_BYTES);
    at = put_text(put_text(at, " "), entry->client);
    at = put_field(put_text(at, " \""), entry->method);
    at = put_field(put_text(at, " "), entry->uri);
    at = put_text(put_text(at, " "), entry->protocol);
    at = put_number(put_text(at, "\" "), entry->status);
    at = put_number(put_text(at, " "), entry->sent_bytes);
    at = put_milliseconds(put_text(at, " B "), entry->duration_ns);
    at = put_field(put_text(at, " ms \""), entry->user_agent);
    at = put_text(put_text(at, "\" "), entry->request_id);
    return put_text(at, "\n");
}

static const char *level_of(uint64_t status)
{
    return status >= 500 ? "error" : status >= 400 ? "warn" : "info";
}

static const char *outcome_of(uint64_t status)
{
    return status == 499   ? "cancelled"
           : status == 503 ? "rejected"
           : status >= 400 ? "failed"
                           : "done";
}

/* Each piece of our own closes the quotes of what came before it. Our words need no escapes. */
static char *put_json_line(char *at, const struct entry *entry)
{
    at = put_bytes(put_text(at, "{\"time\":\""), entry->time, WALL_TIME_BYTES);
    at = put_text(put_text(at, "\",\"level\":\""), level_of(entry->status));
    at = put_field(put_text(at, "\",\"msg\":\"request\",\"method\":\""), entry->method);
    at = put_text(put_text(at, "\",\"route\":\""), entry->route);
    at = put_field(put_text(at, "\",\"uri\":\""), entry->uri);
    at = put_text(put_text(at, "\",\"protocol\":\""), entry->protocol);
    at = put_number(put_text(at, "\",\"status\":"), entry->status);
    at = put_milliseconds(put_text(at, ",\"duration_ms\":"), entry->duration_ns);
    at = put_number(put_text(at, ",\"size_bytes\":"), entry->sent_bytes);
    at = put_number(put_text(at, ",\"request_size_bytes\":"), entry->body_bytes);
    at = put_text(put_text(at, ",\"client_ip\":\""), entry->client);
    if (strcmp(entry->client, entry->peer) != 0)
        at = put_text(put_text(at, "\",\"peer_ip\":\""), entry->peer);
    at = put_field(put_text(at, "\",\"user_agent\":\""), entry->user_agent);
    at = put_text(put_text(at, "\",\"request_id\":\""), entry->request_id);
    if (entry->trace.trace_id != NULL) {
        at = put_text(at, "\",\"trace_id\":\"");
        at = put_bytes(at, entry->trace.trace_id, TRACE_ID_DIGITS);
        at = put_text(at, "\",\"span_id\":\"");
        at = put_bytes(at, entry->trace.span_id, SPAN_ID_DIGITS);
    }
    at = put_text(put_text(at, "\",\"outcome\":\""), outcome_of(entry->status));
    at = put_number(put_text(at, "\",\"tasks\":"), entry->tasks);
    return put_text(at, "}\n");
}

/* libh2o asks the clock once a millisecond, and no line shows more. */
static struct entry describe(struct request *request, const char *client, int64_t now_ns)
{
    const h2o_req_t *req = request->req;
    const struct timeval *now = h2o_get_timestamp(req->conn->ctx, NULL, NULL);
    ssize_t agent = h2o_find_header(&req->headers, H2O_TOKEN_USER_AGENT, -1);
    return (struct entry){
        .time = wall_time_text(&request->loop->log->time, now->tv_sec, (int)(now->tv_usec / 1000)),
        .duration_ns = request->at_ns == 0 ? 0 : now_ns - request->at_ns,
        .method = req->input.method,
        .uri = req->input.path,
        .user_agent = agent == -1 ? (h2o_iovec_t){NULL, 0} : req->headers.entries[agent].value,
        .client = client,
        .peer = request->connection->peer,
        .protocol = request->is_http2       ? "HTTP/2"
                    : req->version == 0x100 ? "HTTP/1.0"
                                            : "HTTP/1.1",
        .status = (uint64_t)req->res.status,
        .sent_bytes = req->bytes_sent,
        .body_bytes = req->entity.len,
        .route = request->route != NULL ? request->route->path : "other",
        .request_id = request_id(request),
        .tasks = (uint64_t)request->tasks,
        .trace = request_trace(request),
    };
}

static void count(const struct request *request, int64_t now_ns)
{
    const struct route *route = request->route;
    struct metrics *metrics = request->loop->metrics;
    size_t place = route == NULL ? METRIC_ROUTES : (size_t)(route - request->loop->shared->routes);
    int status = status_index(request->req->res.status);
    counter_add(&metrics->requests[request->method][place][status], 1);
    if (route != NULL && route->endpoint != NULL)
        histogram_add(&metrics->durations[place], &request_bounds, now_ns - request->at_ns);
}

static void log_access(h2o_logger_t *logger, h2o_req_t *req)
{
    (void)logger;
    struct request *request = request_of(req);
    struct log_buffer *log = request->loop->log;
    int64_t now_ns = clock_now_ns();
    /* HTTP/1 answers who has left itself; libh2o disposes of a stream without a word. */
    if (request->is_http2 && request->is_unanswered) {
        req->res.status = 499;
        counter_add(&request->loop->metrics->disconnects, 1);
    }
    count(request, now_ns);
    /* Probes and scrapes come for ever and say nothing, as long as they succeed. */
    bool is_probe = request->route != NULL && request->route->is_for_operators;
    if (log != NULL && (!is_probe || req->res.status != 200)) {
        char line[LINE_BYTES];
        char client[ADDRESS_TEXT_BYTES];
        struct entry entry = describe(request, request_client(request, client), now_ns);
        char *end = log->log->json ? put_json_line(line, &entry) : put_text_line(line, &entry);
        log_write(log, line, (size_t)(end - line));
    }
    request_end(request);
}

void access_log_register(h2o_pathconf_t *path)
{
    h2o_logger_t *logger = h2o_create_logger(path, sizeof *logger);
    logger->log_access = log_access;
}
