#include "server/connection.h"

#include "async/clock.h"
#include "server/loop_thread.h"
#include "server/request.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Past max_connections this many more, in each loop, are taken on to be told so. */
#define OVER_LIMIT_MOST 128

#define HANG_UPS_AT_ONCE 256

/* During a drain: how long the first request of a connection just opened may be on its way. */
#define FIRST_REQUEST_NS 500000000

/* ---- opening and closing --------------------------------------------------------------------- */

static void print_client(const struct sockaddr_storage *peer, char *text)
{
    if (peer->ss_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)peer;
        (void)inet_ntop(AF_INET, &four->sin_addr, text, INET6_ADDRSTRLEN);
    } else if (peer->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
        if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
            (void)inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], text, INET6_ADDRSTRLEN);
        else
            (void)inet_ntop(AF_INET6, &six->sin6_addr, text, INET6_ADDRSTRLEN);
    } else {
        (void)snprintf(text, INET6_ADDRSTRLEN, "unix");
    }
}

static void free_connection(uv_handle_t *tcp)
{
    free(tcp);
}

static void on_closed(void *data)
{
    struct connection *connection = data;
    struct connections *connections = &connection->thread->connections;
    list_remove(&connection->link);
    connections->count--;
    connections->over_limit_count -= connection->over_limit;
    (void)atomic_fetch_sub(&connection->thread->server->connections, 1);
}

static bool watch(struct connection *connection, int fd)
{
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = connection};
    return epoll_ctl(connection->thread->connections.epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static struct connection *make(struct loop_thread *thread, int fd)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    connection->thread = thread;
    (void)uv_tcp_init(&thread->uv, &connection->tcp);
    if (watch(connection, fd) && uv_tcp_open(&connection->tcp, fd) == 0)
        return connection;
    uv_close((uv_handle_t *)&connection->tcp, free_connection);
    return NULL;
}

void connection_open(struct loop_thread *thread, int fd, const struct sockaddr_storage *peer)
{
    struct connections *connections = &thread->connections;
    bool over_limit =
        atomic_load(&thread->server->connections) >= thread->server->config->max_connections;
    bool refused = over_limit && connections->over_limit_count >= OVER_LIMIT_MOST;
    struct connection *connection = refused ? NULL : make(thread, fd);
    if (connection == NULL) {
        (void)close(fd);
        return;
    }
    connection->over_limit = over_limit;
    connection->active_since_ns = clock_now_ns();
    print_client(peer, connection->client);
    (void)atomic_fetch_add(&thread->server->connections, 1);
    connections->count++;
    connections->over_limit_count += over_limit;
    list_append(&connections->open, &connection->link);
    connection->socket = h2o_uv_socket_create((uv_stream_t *)&connection->tcp, free_connection);
    connection->socket->on_close.cb = on_closed;
    connection->socket->on_close.data = connection;
    h2o_accept(&thread->accept, connection->socket);
}

struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

static int fd_of(const struct connection *connection)
{
    uv_os_fd_t fd = -1;
    (void)uv_fileno((const uv_handle_t *)&connection->tcp, &fd);
    return fd;
}

void connection_kill(struct connection *connection)
{
    (void)shutdown(fd_of(connection), SHUT_RDWR);
}

/* ---- clients that leave ---------------------------------------------------------------------- */

static void hung_up(struct connection *connection)
{
    connection->gone = true;
    if (connection->request != NULL)
        request_client_left(connection->request);
}

/* A record named here is still there: it is freed in a later phase of the loop's turn. */
static void on_hang_ups(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct connections *connections = poll->data;
    struct epoll_event found[HANG_UPS_AT_ONCE];
    int count = epoll_wait(connections->epoll_fd, found, HANG_UPS_AT_ONCE, 0);
    for (int i = 0; i < count; i++) {
        struct connection *connection = found[i].data.ptr;
        if (list_has(&connection->link))
            hung_up(connection);
    }
}

int connections_init(struct loop_thread *thread)
{
    struct connections *connections = &thread->connections;
    list_init(&connections->open);
    connections->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (connections->epoll_fd < 0)
        return -errno;
    int error = uv_poll_init(&thread->uv, &connections->hang_ups, connections->epoll_fd);
    if (error != 0) {
        (void)close(connections->epoll_fd);
        return error;
    }
    connections->hang_ups.data = connections;
    return uv_poll_start(&connections->hang_ups, UV_READABLE, on_hang_ups);
}

static void close_epoll_fd(uv_handle_t *poll)
{
    struct connections *connections = poll->data;
    (void)close(connections->epoll_fd);
}

void connections_close(struct connections *connections)
{
    uv_close((uv_handle_t *)&connections->hang_ups, close_epoll_fd);
}

/* ---- clients that are too slow --------------------------------------------------------------- */

static const char too_slow[] =
    "HTTP/1.1 408 Request Timeout\r\n"
    "Connection: close\r\n"
    "Content-Type: application/problem+json\r\n"
    "Cache-Control: no-store\r\n"
    "Content-Length: 144\r\n\r\n"
    "{\"type\": \"about:blank\", \"title\": \"Request Timeout\", \"status\": 408, "
    "\"detail\": \"The request was not complete within request_timeout, it is closed.\"}\n";

/* libh2o has no request to answer yet, so this goes past it, and only where nothing is being sent.
 */
static void refuse_slow_request(struct connection *connection)
{
    (void)send(fd_of(connection), too_slow, sizeof too_slow - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    connection_kill(connection);
}

static enum activity activity_of(const struct connection *connection)
{
    if (connection->socket->_cb.write != NULL)
        return ACTIVITY_WRITING;
    if (connection->request != NULL)
        return ACTIVITY_RUNNING;
    return connection->socket->input->size > 0 ? ACTIVITY_READING : ACTIVITY_IDLE;
}

/* Any request that ended and any byte that the client took counts as progress. */
static bool has_moved(const struct connection *connection, enum activity activity)
{
    return activity != connection->activity || activity == ACTIVITY_RUNNING ||
           connection->served != connection->served_then ||
           uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp) !=
               connection->unsent_then;
}

static void note(struct connection *connection, enum activity activity, int64_t now_ns)
{
    connection->activity = activity;
    connection->active_since_ns = now_ns;
    connection->served_then = connection->served;
    connection->unsent_then = uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp);
}

static int64_t patience_ns(const struct loop_thread *thread, enum activity activity)
{
    const struct config *config = thread->server->config;
    switch (activity) {
    case ACTIVITY_IDLE:
        return thread->obeyed == COMMAND_SERVE ? config->idle_timeout_ns : FIRST_REQUEST_NS;
    case ACTIVITY_READING:
        return config->request_timeout_ns;
    case ACTIVITY_WRITING:
        return config->write_timeout_ns;
    case ACTIVITY_RUNNING:
        break;
    }
    return INT64_MAX;
}

static void sweep(struct connection *connection, int64_t now_ns)
{
    enum activity activity = activity_of(connection);
    if (has_moved(connection, activity)) {
        note(connection, activity, now_ns);
        return;
    }
    int64_t patience = patience_ns(connection->thread, activity);
    if (now_ns - connection->active_since_ns < patience)
        return;
    if (activity == ACTIVITY_READING)
        refuse_slow_request(connection);
    else
        connection_kill(connection);
}

void connections_sweep(struct loop_thread *thread)
{
    int64_t now_ns = clock_now_ns();
    list_each(&thread->connections.open, at)
        sweep(container_of(at, struct connection, link), now_ns);
}

uint64_t connections_sweep_period_ms(const struct loop_thread *thread)
{
    const struct config *config = thread->server->config;
    int64_t shortest_ns = config->idle_timeout_ns;
    if (config->request_timeout_ns < shortest_ns)
        shortest_ns = config->request_timeout_ns;
    if (config->write_timeout_ns < shortest_ns)
        shortest_ns = config->write_timeout_ns;
    int64_t period_ms = shortest_ns / 4 / 1000000;
    return (uint64_t)(period_ms < 5 ? 5 : period_ms > 1000 ? 1000 : period_ms);
}

/* ---- the end --------------------------------------------------------------------------------- */

void connections_close_idle(struct loop_thread *thread)
{
    list_each(&thread->connections.open, at)
    {
        struct connection *connection = container_of(at, struct connection, link);
        if (activity_of(connection) == ACTIVITY_IDLE && connection->served > 0)
            (void)shutdown(fd_of(connection), SHUT_RD);
    }
}

void connections_kill_all(struct loop_thread *thread)
{
    list_each(&thread->connections.open, at)
        connection_kill(container_of(at, struct connection, link));
}
