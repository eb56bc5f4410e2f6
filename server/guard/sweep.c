#include "server/guard/sweep.h"

#include "async/clock.h"
#include "server/guard/linger.h"
#include "server/guard/not_http.h"
#include "server/http/request.h"
#include "server/http2/http2.h"
#include "text/duration.h"
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* During a drain: how long the first request of a connection just opened may be on its way, and
   how long at most the next one of a connection that idles. */
#define FIRST_REQUEST_NS (NS_PER_SECOND / 2)
#define LONGEST_GRACE_NS (5 * NS_PER_SECOND)

/* What a connection is doing. */
enum activity {
    ACTIVITY_IDLE,    /* between requests */
    ACTIVITY_READING, /* part of a request has come */
    ACTIVITY_RUNNING, /* its request is being handled */
    ACTIVITY_WRITING, /* part of an answer has not been taken yet */
    ACTIVITY_SHAKING, /* a PROXY header is not there yet, or the TLS handshake is not over */
    ACTIVITY_CLOSING, /* its last answer is sent, and its client may still be sending */
};

/* ---- looking --------------------------------------------------------------------------------- */

static enum activity activity_of(const struct connection *connection)
{
    if (connection->lingers_since_ns > 0)
        return ACTIVITY_CLOSING;
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

/* It is to begin with a PROXY header or a hello, and no byte of either has come. */
static bool is_silent(const struct connection *connection)
{
    return connection->is_shaking && connection->ssl == NULL &&
           connection->socket->input->size == 0;
}

/* Both libuv's queue and the kernel's: a slow reader may take minutes to make room for libuv again,
   but every byte that it acknowledges leaves the kernel's. */
static size_t unsent_bytes(const struct connection *connection, enum activity activity)
{
    int in_kernel = 0;
    if (activity == ACTIVITY_WRITING || activity == ACTIVITY_CLOSING)
        (void)ioctl(quick_stream_fd(&connection->stream), SIOCOUTQ, &in_kernel);
    return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->stream.tcp) +
           (size_t)in_kernel;
}

/* What a client has taken of its answer; over HTTP/2, of all that it was sent. */
static uint64_t taken_bytes(const struct connection *connection, size_t unsent)
{
    const struct request *request = connection->request;
    uint64_t given = request == NULL ? 0 : request->req->bytes_sent;
    if (connection->http2 != NULL)
        given = http2_written_bytes(connection);
    return given > unsent ? given - unsent : 0;
}

static bool is_still_taking(const struct connection *connection, enum activity activity)
{
    const struct progress *then = &connection->progress;
    return activity == ACTIVITY_WRITING && then->activity == ACTIVITY_WRITING &&
           (connection->http2 != NULL || then->served == connection->served);
}

/* A byte now and then would hold an answer for ever. */
static bool is_too_slow(const struct connection *connection, enum activity activity, int64_t now_ns)
{
    const struct progress *then = &connection->progress;
    if (!is_still_taking(connection, activity))
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
    progress->dropped_bytes = connection->dropped_bytes;
}

/* Any request that ended and any byte that the client took counts as progress. A handshake begins
   with the connection, and nothing in it counts. */
static bool has_moved(const struct connection *connection, enum activity activity)
{
    const struct progress *then = &connection->progress;
    if (activity == ACTIVITY_SHAKING)
        return false;
    return (int)activity != then->activity || activity == ACTIVITY_RUNNING ||
           connection->served != then->served || connection->dropped_bytes != then->dropped_bytes ||
           unsent_bytes(connection, activity) != then->unsent_bytes;
}

/* ---- judging --------------------------------------------------------------------------------- */

static int64_t grace_ns(const struct config *config)
{
    int64_t half_ns = config->drain_timeout_ns / 2;
    return half_ns < LONGEST_GRACE_NS ? half_ns : LONGEST_GRACE_NS;
}

static int64_t patience_ns(const struct connection *connection, enum activity activity)
{
    const struct config *config = connection->loop->config;
    bool is_draining = connection->loop->draining;
    switch (activity) {
    case ACTIVITY_IDLE:
        if (!is_draining)
            return config->idle_timeout_ns;
        return connection->served == 0 ? FIRST_REQUEST_NS : grace_ns(config);
    case ACTIVITY_SHAKING:
        return is_draining && is_silent(connection) ? FIRST_REQUEST_NS : config->request_timeout_ns;
    case ACTIVITY_READING:
        return config->request_timeout_ns;
    case ACTIVITY_WRITING:
        return config->write_timeout_ns;
    case ACTIVITY_RUNNING:
    case ACTIVITY_CLOSING: /* linger.c is asked */
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

static void cut_http1(struct connection *connection, enum activity activity)
{
    if (activity == ACTIVITY_READING) {
        not_http_give_up(connection);
    } else if (activity == ACTIVITY_IDLE) {
        /* What is in the kernel's hands by then is still served. */
        connection->input_shut = true;
        (void)shutdown(quick_stream_fd(&connection->stream), SHUT_RD);
    } else {
        connection_kill(connection);
    }
}

/* It may be closed when this returns. */
static void sweep(struct connection *connection, int64_t now_ns)
{
    enum activity activity = activity_of(connection);
    if (activity == ACTIVITY_CLOSING) {
        if (has_moved(connection, activity))
            note_progress(connection, activity, now_ns);
        if (linger_is_over(connection, connection->progress.since_ns, now_ns))
            linger_end(connection);
        return;
    }
    bool is_slow = is_too_slow(connection, activity, now_ns);
    if (!is_slow && has_moved(connection, activity)) {
        note_progress(connection, activity, now_ns);
        return;
    }
    if (!is_slow && now_ns - connection->progress.since_ns < patience_ns(connection, activity))
        return;
    counter_add(&connection->loop->metrics->cuts[cut_of[activity]], 1);
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

void sweep_begin_grace(struct loop *loop)
{
    int64_t now_ns = clock_now_ns();
    list_each(&loop->connections.open, at)
    {
        struct connection *connection = container_of(at, struct connection, link);
        if (activity_of(connection) == ACTIVITY_IDLE || is_silent(connection))
            connection->progress.since_ns = now_ns;
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
