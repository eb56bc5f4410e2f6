#include "server/guard/sweep.h"

#include "async/clock.h"
#include "server/http2/http2.h"
#include "text/duration.h"
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* During a drain: how long the first request of a connection just opened may be on its way. */
#define FIRST_REQUEST_NS 500000000

/* What a connection is doing. */
enum activity {
    ACTIVITY_IDLE,    /* between requests */
    ACTIVITY_READING, /* part of a request has come */
    ACTIVITY_RUNNING, /* its request is being handled */
    ACTIVITY_WRITING, /* part of an answer has not been taken yet */
    ACTIVITY_SHAKING, /* hands: TLS is not there yet */
};

#define TOO_SLOW                                                                                   \
    "{\"type\": \"about:blank\", \"title\": \"Request Timeout\", \"status\": 408, "                \
    "\"detail\": \"The request was not complete within request_timeout, it is closed.\"}\n"

_Static_assert(sizeof TOO_SLOW - 1 == 147, "the Content-Length below");

static const char too_slow[] = "HTTP/1.1 408 Request Timeout\r\n"
                               "Connection: close\r\n"
                               "Content-Type: application/problem+json\r\n"
                               "Cache-Control: no-store\r\n"
                               "Content-Length: 147\r\n\r\n" TOO_SLOW;

/* ---- looking --------------------------------------------------------------------------------- */

static enum activity activity_of(const struct connection *connection)
{
    if (connection->is_shaking)
        return ACTIVITY_SHAKING;
    if (connection->socket->_cb.write != NULL)
        return ACTIVITY_WRITING;
    if (connection->in_flight > 0)
        return ACTIVITY_RUNNING;
    if (connection->http2 != NULL)
        return http2_is_busy(connection) ? ACTIVITY_RUNNING : ACTIVITY_IDLE;
    return connection->socket->input->size > 0 ? ACTIVITY_READING : ACTIVITY_IDLE;
}

/* Both libuv's queue and the kernel's: a slow reader may take minutes to make room for libuv again,
   but every byte that it acknowledges leaves the kernel's. */
static size_t unsent_bytes(const struct connection *connection, enum activity activity)
{
    int in_kernel = 0;
    if (activity == ACTIVITY_WRITING)
        (void)ioctl(quick_stream_fd(&connection->stream), SIOCOUTQ, &in_kernel);
    return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->stream.tcp) +
           (size_t)in_kernel;
}

/* Any request that ended and any byte that the client took counts as progress. A handshake begins
   with the connection, and nothing in it counts. */
static bool has_moved(const struct connection *connection, enum activity activity)
{
    const struct progress *then = &connection->progress;
    if (activity == ACTIVITY_SHAKING)
        return false;
    return (int)activity != then->activity || activity == ACTIVITY_RUNNING ||
           connection->served != then->served ||
           unsent_bytes(connection, activity) != then->unsent_bytes;
}

/* ---- judging --------------------------------------------------------------------------------- */

static int64_t patience_ns(const struct loop *loop, enum activity activity)
{
    const struct config *config = loop->config;
    switch (activity) {
    case ACTIVITY_IDLE:
        return loop->draining ? FIRST_REQUEST_NS : config->idle_timeout_ns;
    case ACTIVITY_SHAKING:
    case ACTIVITY_READING:
        return config->request_timeout_ns;
    case ACTIVITY_WRITING:
        return config->write_timeout_ns;
    case ACTIVITY_RUNNING:
        break;
    }
    return INT64_MAX;
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

static void cut_http1(struct connection *connection, enum activity activity)
{
    /* libh2o has no request to answer yet, so this goes past it. Nothing else is being sent. */
    if (activity == ACTIVITY_READING && connection->tls == NULL)
        (void)send(quick_stream_fd(&connection->stream), too_slow, sizeof too_slow - 1,
                   MSG_NOSIGNAL | MSG_DONTWAIT);
    connection_kill(connection);
}

/* It may be closed when this returns. */
static void sweep(struct connection *connection, int64_t now_ns)
{
    enum activity activity = activity_of(connection);
    if (has_moved(connection, activity)) {
        connection->progress = (struct progress){(int)activity, now_ns, connection->served,
                                                 unsent_bytes(connection, activity)};
        return;
    }
    if (now_ns - connection->progress.since_ns < patience_ns(connection->loop, activity))
        return;
    counter_add(&connection->loop->metrics->cuts[cut_of(activity)], 1);
    if (connection->http2 == NULL)
        cut_http1(connection, activity);
    else if (activity == ACTIVITY_IDLE)
        http2_close_idle(connection);
    else
        http2_kill(connection);
}

void sweep_connections(struct loop *loop)
{
    int64_t now_ns = clock_now_ns();
    list_each(&loop->connections.open, at)
    {
        struct connection *connection = container_of(at, struct connection, link);
        if (connection->http2 == NULL || http2_sweep(connection, now_ns))
            sweep(connection, now_ns);
    }
}

void sweep_kill_all(struct loop *loop)
{
    list_each(&loop->connections.open, at)
    {
        struct connection *connection = container_of(at, struct connection, link);
        if (connection->http2 != NULL)
            http2_kill(connection);
        else
            connection_kill(connection);
    }
}

void sweep_shut_idle(struct loop *loop)
{
    list_each(&loop->connections.open, at)
    {
        struct connection *connection = container_of(at, struct connection, link);
        bool is_idle = activity_of(connection) == ACTIVITY_IDLE && connection->served > 0;
        if (!is_idle || connection->http2 != NULL)
            continue;
        connection->input_shut = true;
        (void)shutdown(quick_stream_fd(&connection->stream), SHUT_RD);
    }
}

uint64_t sweep_period_ms(const struct config *config)
{
    int64_t shortest_ns = config->idle_timeout_ns;
    if (config->request_timeout_ns < shortest_ns)
        shortest_ns = config->request_timeout_ns;
    if (config->write_timeout_ns < shortest_ns)
        shortest_ns = config->write_timeout_ns;
    int64_t period_ms = shortest_ns / 4 / NS_PER_MS;
    return (uint64_t)(period_ms < 5 ? 5 : period_ms > 1000 ? 1000 : period_ms);
}
