#include "server/http/access_log.h"

#include "async/clock.h"
#include "server/base/status.h"
#include "server/http/request.h"
#include "text/put.h"

/* What a client sent is cut here before it is escaped, six bytes for one at the worst. */
#define LONGEST_FIELD 512
#define LINE_BYTES    (3 * 6 * LONGEST_FIELD + 1024)

/* What both kinds of line show and has to be found out first. */
struct entry {
    const char *time; /* of WALL_TIME_BYTES */
    int64_t duration_ns;
    h2o_iovec_t user_agent;
    const char *client;
    const char *protocol;
    const char *request_id;
};

/* Escaped as in JSON, so that a client cannot forge a line or send a terminal its control codes. */
static char *put_field(char *at, h2o_iovec_t field)
{
    return put_json_escaped(at, field.base, field.len < LONGEST_FIELD ? field.len : LONGEST_FIELD);
}

static char *put_text_line(char *at, const struct request *request, const struct entry *entry)
{
    const h2o_req_t *req = request->req;
    at = put_bytes(at, entry->time, WALL_TIME_BYTES);
    at = put_text(put_text(at, " "), entry->client);
    at = put_field(put_text(at, " \""), req->input.method);
    at = put_field(put_text(at, " "), req->input.path);
    at = put_text(put_text(at, " "), entry->protocol);
    at = put_number(put_text(at, "\" "), (uint64_t)req->res.status);
    at = put_number(put_text(at, " "), req->bytes_sent);
    at = put_milliseconds(put_text(at, " B "), entry->duration_ns);
    at = put_field(put_text(at, " ms \""), entry->user_agent);
    at = put_text(put_text(at, "\" "), entry->request_id);
    return put_text(at, "\n");
}

/* Each piece of our own closes the quotes of what came before it. Our words need no escapes. */
static char *put_json_line(char *at, const struct request *request, const struct entry *entry)
{
    const h2o_req_t *req = request->req;
    int status = req->res.status;
    struct trace trace = request_trace(request);
    const struct route *route = request->route;
    const char *level = "info";
    const char *outcome = "done";
    if (status >= 400) {
        level = status >= 500 ? "error" : "warn";
        outcome = "failed";
    }
    if (status == 499)
        outcome = "cancelled";
    if (status == 503)
        outcome = "rejected";
    at = put_bytes(put_text(at, "{\"time\":\""), entry->time, WALL_TIME_BYTES);
    at = put_text(put_text(at, "\",\"level\":\""), level);
    at = put_field(put_text(at, "\",\"msg\":\"request\",\"method\":\""), req->input.method);
    at = put_text(put_text(at, "\",\"route\":\""), route != NULL ? route->path : "other");
    at = put_field(put_text(at, "\",\"uri\":\""), req->input.path);
    at = put_text(put_text(at, "\",\"protocol\":\""), entry->protocol);
    at = put_number(put_text(at, "\",\"status\":"), (uint64_t)status);
    at = put_milliseconds(put_text(at, ",\"duration_ms\":"), entry->duration_ns);
    at = put_number(put_text(at, ",\"size_bytes\":"), req->bytes_sent);
    at = put_number(put_text(at, ",\"request_size_bytes\":"), req->entity.len);
    at = put_text(put_text(at, ",\"client_ip\":\""), entry->client);
    if (strcmp(entry->client, request->connection->peer) != 0)
        at = put_text(put_text(at, "\",\"peer_ip\":\""), request->connection->peer);
    at = put_field(put_text(at, "\",\"user_agent\":\""), entry->user_agent);
    at = put_text(put_text(at, "\",\"request_id\":\""), entry->request_id);
    if (trace.trace_id != NULL) {
        at = put_text(at, "\",\"trace_id\":\"");
        at = put_bytes(at, trace.trace_id, TRACE_ID_DIGITS);
        at = put_text(at, "\",\"span_id\":\"");
        at = put_bytes(at, trace.span_id, SPAN_ID_DIGITS);
    }
    at = put_text(put_text(at, "\",\"outcome\":\""), outcome);
    at = put_number(put_text(at, "\",\"tasks\":"), (uint64_t)request->tasks);
    return put_text(at, "}\n");
}

/* libh2o asks the clock once a millisecond, and no line shows more. */
static struct entry describe(struct request *request, char client[ADDRESS_TEXT_BYTES],
                             int64_t now_ns)
{
    const h2o_req_t *req = request->req;
    const struct timeval *now = h2o_get_timestamp(req->conn->ctx, NULL, NULL);
    const char *http1 = req->version == HTTP_1_0 ? "HTTP/1.0" : "HTTP/1.1";
    ssize_t agent = h2o_find_header(&req->headers, H2O_TOKEN_USER_AGENT, -1);
    return (struct entry){
        .time = wall_time_text(&request->loop->log->time, now->tv_sec, (int)(now->tv_usec / 1000)),
        .duration_ns = request->at_ns == 0 ? 0 : now_ns - request->at_ns,
        .user_agent = agent == -1 ? (h2o_iovec_t){NULL, 0} : req->headers.entries[agent].value,
        .client = request_client(request, client),
        .protocol = request->is_http2 ? "HTTP/2" : http1,
        .request_id = request_id(request),
    };
}

static void log_access(h2o_logger_t *logger, h2o_req_t *req)
{
    (void)logger;
    struct request *request = request_of(req);
    const struct route *route = request->route;
    struct metrics *metrics = request->loop->metrics;
    struct log_buffer *log = request->loop->log;
    int64_t now_ns = clock_now_ns();
    /* Where HTTP/1's client has left, its request is answered all the same. HTTP/2's stream is
       disposed of without an answer. */
    if (request->is_http2 && request->is_unanswered) {
        req->res.status = 499;
        counter_add(&metrics->disconnects, 1);
    }
    size_t place = route == NULL ? METRIC_ROUTES : (size_t)(route - request->loop->shared->routes);
    counter_add(&metrics->requests[request->method][place][status_index(req->res.status)], 1);
    if (route != NULL && route->endpoint != NULL)
        histogram_add(&metrics->durations[place], &request_bounds, now_ns - request->at_ns);
    /* Probes and scrapes come for ever, and say nothing as long as they succeed. */
    bool is_probe = route != NULL && route->is_for_operators;
    if (log != NULL && (!is_probe || req->res.status != 200)) {
        char line[LINE_BYTES];
        char client[ADDRESS_TEXT_BYTES];
        struct entry entry = describe(request, client, now_ns);
        char *end = log->log->json ? put_json_line(line, request, &entry)
                                   : put_text_line(line, request, &entry);
        log_write(log, line, (size_t)(end - line));
    }
    request_end(request);
}

void access_log_register(h2o_pathconf_t *path)
{
    h2o_logger_t *logger = h2o_create_logger(path, sizeof *logger);
    logger->log_access = log_access;
}
