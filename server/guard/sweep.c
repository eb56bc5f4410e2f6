#include "server/guard/sweep.h"

#include "async/clock.h"
#include "server/guard/streams.h"
#include "server/loop/loop.h"
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* During a drain: how long the first request of a connection just opened may be on its way. */
#define FIRST_REQUEST_NS 500000000

#define TOO_SLOW                                                                                   \
    "{\"type\": \"about:blank\", \"title\": \"Request Timeout\", \"status\": 408, "                \
    "\"detail\": \"The request was not complete within request_timeout, it is closed.\"}\n"

_Static_assert(sizeof TOO_SLOW - 1 == 147, "the Content-Length below");

static const char too_slow[] = "HTTP/1.1 408 Request Timeout\r\n"
                               "Connection: close\r\n"
                               "Content-Type: application/problem+json\r\n"
                               "Cache-Control: no-store\r\n"
                               "Content-Length: 147\r\n\r\n" TOO_SLOW;

/* libh2o has no request to answer yet, so this goes past it, and
   only where nothing is being sent. */
static void refuse_slow_request(struct connection *connection)
{
    (void)send(connection_fd(connection), too_slow, sizeof too_slow - 1,
               MSG_NOSIGNAL | MSG_DONTWAIT);
    connection_kill(connection);
}

enum activity connection_activity(const struct connection *connection)
{
    if (connection->is_shaking)
        return ACTIVITY_SHAKING;
    if (connection->socket->_cb.write != NULL)
        return ACTIVITY_WRITING;
    if (connection->in_flight > 0)
        return ACTIVITY_RUNNING;
    bool is_half_there =
        connection->gate != NULL && streams_unfinished(connection->socket->data) > 0;
    return is_half_there || connection->socket->input->size > 0 ? ACTIVITY_READING : ACTIVITY_IDLE;
}

/* Both libuv's queue and the kernel's: a slow reader may take minutes to make room for libuv again,
   but every byte that it acknowledges leaves the kernel's. */
static size_t unsent_bytes(const struct connection *connection, enum activity activity)
{
    int in_kernel = 0;
    if (activity == ACTIVITY_WRITING)
        (void)ioctl(connection_fd(connection), SIOCOUTQ, &in_kernel);
    return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp) +
           (size_t)in_kernel;
}

/* Any request that ended and any byte that the client took counts as progress; in a handshake none
   does. */
static bool has_moved(const struct connection *connection, enum activity activity)
{
    if (activity == ACTIVITY_SHAKING)
        return connection->activity != ACTIVITY_SHAKING;
    return activity != connection->activity || activity == ACTIVITY_RUNNING ||
           connection->served != connection->served_then ||
           unsent_bytes(connection, activity) != connection->unsent_then;
}

static void note(struct connection *connection, enum activity activity, int64_t now_ns)
{
    connection->activity = activity;
    connection->active_since_ns = now_ns;
    connection->served_then = connection->served;
    connection->unsent_then = unsent_bytes(connection, activity);
}

static int64_t patience_ns(const struct loop *loop, enum activity activity)
{
    const struct config *config = loop->server->config;
    switch (activity) {
    case ACTIVITY_SHAKING:
        return config->request_timeout_ns;
    case ACTIVITY_IDLE:
        return loop->obeyed == COMMAND_SERVE ? config->idle_timeout_ns : FIRST_REQUEST_NS;
    case ACTIVITY_READING:
        return config->request_timeout_ns;
    case ACTIVITY_WRITING:
        return config->write_timeout_ns;
    case ACTIVITY_RUNNING:
        break;
    }
    return INT64_MAX;
}

static void end_http2(struct connection *connection, enum activity activity)
{
    if (activity == ACTIVITY_IDLE)
        gate_close_idle(connection->gate);
    else if (activity == ACTIVITY_READING)
        gate_kill(connection->gate, HTTP2_SLOW_REQUEST);
    else
        connection_kill(connection);
}

/* It may be closed when this returns. */
static void sweep_streams(struct connection *connection, int64_t now_ns)
{
    enum http2_reason cause = streams_judge(connection, now_ns);
    if (cause != HTTP2_NONE)
        gate_kill(connection->gate, cause);
}

static enum cut_reason cut_of(enum activity activity)
{
    switch (activity) {
    case ACTIVITY_SHAKING:
    case ACTIVITY_READING:
        return CUT_SLOW_REQUEST;
    case ACTIVITY_WRITING:
        return CUT_SLOW_READER;
    default:
        return CUT_IDLE;
    }
}

static void sweep(struct connection *connection, int64_t now_ns)
{
    enum activity activity = connection_activity(connection);
    if (has_moved(connection, activity)) {
        note(connection, activity, now_ns);
        if (connection->gate != NULL)
            sweep_streams(connection, now_ns);
        return;
    }
    int64_t patience = patience_ns(connection->loop, activity);
    if (now_ns - connection->active_since_ns < patience)
        return;
    counter_add(&connection->loop->metrics.cuts[cut_of(activity)], 1);
    if (connection->gate != NULL)
        end_http2(connection, activity);
    else if (activity == ACTIVITY_READING && connection->tls == NULL)
        refuse_slow_request(connection);
    else
        connection_kill(connection);
}

void sweep_connections(struct loop *loop)
{
    int64_t now_ns = clock_now_ns();
    list_each(&loop->connections.open, at) sweep(container_of(at, struct connection, link), now_ns);
}

uint64_t sweep_period_ms(const struct loop *loop)
{
    const struct config *config = loop->server->config;
    int64_t shortest_ns = config->idle_timeout_ns;
    if (config->request_timeout_ns < shortest_ns)
        shortest_ns = config->request_timeout_ns;
    if (config->write_timeout_ns < shortest_ns)
        shortest_ns = config->write_timeout_ns;
    int64_t period_ms = shortest_ns / 4 / 1000000;
    return (uint64_t)(period_ms < 5 ? 5 : period_ms > 1000 ? 1000 : period_ms);
}
