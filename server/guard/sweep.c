#include "server/guard/sweep.h"

#include "async/clock.h"
#include "server/guard/fixed_answer.h"
#include "server/guard/gate.h"
#include "server/http/request.h"
#include "text/duration.h"
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* During a drain: how long the first request of a connection just opened may be on its way. */
#define FIRST_REQUEST_NS (500 * NS_PER_MS)

/* An answer over HTTP/1 must be taken within write_timeout, and a second for each so many bytes. */
#define LEAST_BYTES_IN_SECOND 1000

/* What a connection is doing. */
enum activity {
    ACTIVITY_IDLE,    /* between requests */
    ACTIVITY_READING, /* part of a request has come */
    ACTIVITY_RUNNING, /* its request is being handled */
    ACTIVITY_WRITING, /* part of an answer has not been taken yet */
    ACTIVITY_SHAKING, /* its TLS handshake is not over */
};

#define DETAIL "The request was not complete within request_timeout, it is closed."

_Static_assert(sizeof FIXED_DOCUMENT("408", "Request Timeout", DETAIL) - 1 == 147, "as said below");

static const char too_slow[] = FIXED_ANSWER("408", "Request Timeout", "147", DETAIL);

/* ---- looking --------------------------------------------------------------------------------- */

static enum activity activity_of(const struct connection *connection)
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
        (void)ioctl(quick_stream_fd(&connection->stream), SIOCOUTQ, &in_kernel);
    return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->stream.tcp) +
           (size_t)in_kernel;
}

/* What an HTTP/1 client has taken of its answer. */
static uint64_t taken_bytes(const struct connection *connection, size_t unsent)
{
    const struct request *request = connection->request;
    uint64_t given = request == NULL ? 0 : request->req->bytes_sent;
    return given > unsent ? given - unsent : 0;
}

static bool is_still_taking(const struct connection *connection, enum activity activity)
{
    const struct progress *then = &connection->progress;
    return activity == ACTIVITY_WRITING && then->activity == ACTIVITY_WRITING &&
           then->served == connection->served;
}

/* A byte now and then would hold an answer for ever. */
static bool is_too_slow(const struct connection *connection, enum activity activity, int64_t now_ns)
{
    const struct progress *then = &connection->progress;
    if (connection->gate != NULL || !is_still_taking(connection, activity))
        return false;
    uint64_t taken = taken_bytes(connection, unsent_bytes(connection, activity));
    int64_t more = taken > then->taken_bytes ? (int64_t)(taken - then->taken_bytes) : 0;
    int64_t late_ns = now_ns - then->taking_since_ns - connection->loop->config->write_timeout_ns;
    return late_ns / NS_PER_MS > more * 1000 / LEAST_BYTES_IN_SECOND;
}

static void note_progress(struct connection *connection, enum activity activity, int64_t now_ns)
{
    struct progress *progress = &connection->progress;
    size_t unsent = unsent_bytes(connection, activity);
    if (!is_still_taking(connection, activity)) {
        progress->taking_since_ns = now_ns;
        progress->taken_bytes = taken_bytes(connection, unsent);
    }
    progress->activity = (int)activity;
    progress->since_ns = now_ns;
    progress->served = connection->served;
    progress->unsent_bytes = unsent;
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

/* A request that runs is never cut off. */
static const enum cut_reason cut_of[] = {
    [ACTIVITY_IDLE] = CUT_IDLE,
    [ACTIVITY_READING] = CUT_SLOW_REQUEST,
    [ACTIVITY_WRITING] = CUT_SLOW_READER,
    [ACTIVITY_SHAKING] = CUT_SLOW_REQUEST,
};

/* It may be closed when this returns. */
static void sweep(struct connection *connection, int64_t now_ns)
{
    enum activity activity = activity_of(connection);
    bool is_slow = is_too_slow(connection, activity, now_ns);
    if (!is_slow && has_moved(connection, activity)) {
        note_progress(connection, activity, now_ns);
        if (connection->gate == NULL)
            return;
        enum http2_reason reason = streams_judge(connection, &connection->gate->unfinished, now_ns);
        if (reason != HTTP2_NONE)
            gate_kill(connection->gate, reason);
        return;
    }
    if (!is_slow &&
        now_ns - connection->progress.since_ns < patience_ns(connection->loop, activity))
        return;
    counter_add(&connection->loop->metrics->cuts[cut_of[activity]], 1);
    /* libh2o has no request to answer yet, so this goes past it. Nothing else is being sent. */
    if (activity == ACTIVITY_READING && connection->gate == NULL && connection->tls == NULL)
        (void)send(quick_stream_fd(&connection->stream), too_slow, sizeof too_slow - 1,
                   MSG_NOSIGNAL | MSG_DONTWAIT);
    if (activity == ACTIVITY_READING && connection->gate != NULL)
        gate_kill(connection->gate, HTTP2_SLOW_REQUEST);
    else if (activity == ACTIVITY_IDLE && connection->gate != NULL)
        gate_close_idle(connection->gate);
    else
        connection_kill(connection);
}

void sweep_connections(struct loop *loop)
{
    int64_t now_ns = clock_now_ns();
    list_each(&loop->connections.open, at) sweep(container_of(at, struct connection, link), now_ns);
}

void sweep_shut_idle(struct loop *loop)
{
    list_each(&loop->connections.open, at)
    {
        struct connection *connection = container_of(at, struct connection, link);
        bool is_idle = activity_of(connection) == ACTIVITY_IDLE && connection->served > 0;
        if (!is_idle || connection->gate != NULL)
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
    if (period_ms < 5)
        return 5;
    return (uint64_t)(period_ms < 1000 ? period_ms : 1000);
}
