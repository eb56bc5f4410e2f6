#include "server/access_log.h"

#include "async/clock.h"
#include "config/duration.h"
#include "server/loop_thread.h"
#include "views/put.h"
#include <stdio.h>
#include <sys/time.h>

/* What a client sent is cut here before it is escaped, six bytes for one at the worst. */
#define LONGEST_FIELD 512
#define LINE_BYTES    (3 * 6 * LONGEST_FIELD + 512)

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
    at = put_text(at, entry->version == 0x100 ? " HTTP/1.0\" " : " HTTP/1.1\" ");
    at = put_number(at, entry->status);
    *at++ = ' ';
    at = put_number(at, entry->sent_bytes);
    at = put_text(at, " B ");
    at = put_duration_ms(at, entry->duration_ns);
    at = put_text(at, " ms \"");
    at = put_field(at, entry->user_agent);
    return put_text(at, "\"\n");
}

static char *put_json_line(char *at, const struct entry *entry)
{
    at = put_text(at, "{\"time\":\"");
    at = put_time(at, entry);
    at = put_text(
        at, entry->status >= 500   ? "\",\"level\":\"error\",\"msg\":\"request\",\"method\":\""
            : entry->status >= 400 ? "\",\"level\":\"warn\",\"msg\":\"request\",\"method\":\""
                                   : "\",\"level\":\"info\",\"msg\":\"request\",\"method\":\"");
    at = put_field(at, entry->method);
    at = put_text(at, "\",\"uri\":\"");
    at = put_field(at, entry->uri);
    at = put_text(at, "\",\"status\":");
    at = put_number(at, entry->status);
    at = put_text(at, ",\"duration_ms\":");
    at = put_duration_ms(at, entry->duration_ns);
    at = put_text(at, ",\"size_bytes\":");
    at = put_number(at, entry->sent_bytes);
    at = put_text(at, ",\"client_ip\":\"");
    at = put_text(at, entry->client);
    at = put_text(at, "\",\"user_agent\":\"");
    at = put_field(at, entry->user_agent);
    return put_text(at, "\"}\n");
}

/* gmtime_r() and strftime() cost more than all the rest of a line: once a second is enough. */
static const char *time_text(struct loop_thread *thread, time_t second)
{
    if (thread->wall_second != second) {
        struct tm utc;
        thread->wall_second = second;
        (void)strftime(thread->wall_text, sizeof thread->wall_text, "%Y-%m-%dT%H:%M:%S",
                       gmtime_r(&second, &utc));
    }
    return thread->wall_text;
}

static struct entry describe(h2o_req_t *req, const struct connection *connection)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t began_ns = connection->request_at_ns;
    ssize_t agent = h2o_find_header(&req->headers, H2O_TOKEN_USER_AGENT, -1);
    return (struct entry){
        .time = time_text(connection->thread, now.tv_sec),
        .milliseconds = (int)(now.tv_nsec / 1000000),
        .duration_ns = began_ns == 0 ? 0 : clock_now_ns() - began_ns,
        .method = req->input.method,
        .uri = req->input.path,
        .user_agent = agent == -1 ? (h2o_iovec_t){NULL, 0} : req->headers.entries[agent].value,
        .client = connection->client,
        .version = req->version,
        .status = (uint64_t)req->res.status,
        .sent_bytes = req->bytes_sent,
    };
}

static void write_line(h2o_req_t *req, const struct connection *connection)
{
    char line[LINE_BYTES];
    struct loop_thread *thread = connection->thread;
    struct entry entry = describe(req, connection);
    bool is_json = thread->server->config->log == CONFIG_LOG_JSON;
    char *end = is_json ? put_json_line(line, &entry) : put_text_line(line, &entry);
    log_write(thread->log, line, (size_t)(end - line));
}

static void log_access(h2o_logger_t *logger, h2o_req_t *req)
{
    (void)logger;
    struct connection *connection = connection_of(req);
    if (connection->thread->log != NULL)
        write_line(req, connection);
    connection->served++;
    connection->request_at_ns = 0;
}

void access_log_register(h2o_pathconf_t *path)
{
    h2o_logger_t *logger = h2o_create_logger(path, sizeof *logger);
    logger->log_access = log_access;
}

void access_log_started(struct server *server, const char *where)
{
    const struct config *config = server->config;
    char delay[DURATION_TEXT_BYTES];
    char duration[DURATION_TEXT_BYTES];
    duration_print(config->max_delay_ns, delay);
    duration_print(config->max_duration_ns, duration);
    long long count = config->max_count;
    long long tasks = config->max_tasks;
    long long connections = config->max_connections;
    if (config->log == CONFIG_LOG_JSON)
        (void)printf(
            "{\"level\":\"info\",\"msg\":\"listening\",\"version\":\"%s\",\"address\":\"%s\","
            "\"threads\":%d,\"max_delay\":\"%s\",\"max_duration\":\"%s\","
            "\"max_count\":%lld,\"max_tasks\":%lld,\"max_connections\":%lld}\n",
            AWAITD_VERSION, where, server->thread_count, delay, duration, count, tasks,
            connections);
    else
        (void)printf("awaitd %s listening on %s (%d event loops; max_delay %s, max_duration %s, "
                     "max_count %lld, max_tasks %lld, max_connections %lld)\n",
                     AWAITD_VERSION, where, server->thread_count, delay, duration, count, tasks,
                     connections);
    (void)fflush(stdout);
}
