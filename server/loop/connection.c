#include "server/loop/connection.h"

#include "async/clock.h"
#include "server/accept/listener.h"
#include "server/accept/protocol.h"
#include "server/loop/loop.h"
#include "server/runs/showing.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Past max_connections this many more, in each loop, are taken on to be told so. */
#define OVER_LIMIT_MOST 128

#define HANG_UPS_AT_ONCE 256

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
    struct connection *connection = (struct connection *)tcp;
    list_remove(&connection->quick.written);
    SSL_CTX_free(connection->tls);
    free(connection->gate);
    free(connection);
}

/* One of max_connections. Those beyond take none: they are only there to be told so. */
static bool take_place(struct server *server)
{
    if (atomic_fetch_add(&server->connections, 1) < server->config->max_connections)
        return true;
    (void)atomic_fetch_sub(&server->connections, 1);
    return false;
}

static void leave_place(struct server *server)
{
    (void)atomic_fetch_sub(&server->connections, 1);
}

static void on_closed(void *data)
{
    struct connection *connection = data;
    struct connections *connections = &connection->loop->connections;
    list_remove(&connection->link);
    connections->count--;
    connections->admin_count -= connection->is_admin;
    connections->over_limit_count -= connection->over_limit;
    counter_add(&connection->loop->metrics.closed, 1);
    if (connection->counts_as_open)
        leave_place(connection->loop->server);
    headroom_give_back(&connection->loop->headroom, HEADROOM_CONNECTION_BYTES);
    /* Its descriptor is free already. */
    listeners_resume(connection->loop);
}

static struct connection *make(struct loop *loop, int fd)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    connection->loop = loop;
    (void)uv_tcp_init(&loop->uv, &connection->tcp);
    if (uv_tcp_open(&connection->tcp, fd) == 0)
        return connection;
    uv_close((uv_handle_t *)&connection->tcp, free_connection);
    return NULL;
}

void connection_open(struct loop *loop, int fd, const struct sockaddr_storage *peer,
                     const struct port *port)
{
    struct connections *connections = &loop->connections;
    bool is_admin = port->is_admin;
    bool counts_as_open = !is_admin && take_place(loop->server);
    bool over_limit = !is_admin && !counts_as_open;
    bool refused = over_limit && connections->over_limit_count >= OVER_LIMIT_MOST;
    bool has_memory = headroom_for_refusal(&loop->headroom, HEADROOM_CONNECTION_BYTES);
    struct connection *connection = refused || !has_memory ? NULL : make(loop, fd);
    if (connection == NULL) {
        counter_add(&loop->metrics.cuts[refused ? CUT_CROWDED : CUT_MEMORY], 1);
        (void)close(fd);
        if (counts_as_open)
            leave_place(loop->server);
        return;
    }
    connection->counts_as_open = counts_as_open;
    connection->over_limit = over_limit;
    connection->is_admin = is_admin;
    list_init(&connection->sending);
    connection->active_since_ns = clock_now_ns();
    print_client(peer, connection->client);
    connections->count++;
    connections->admin_count += is_admin;
    counter_add(&loop->metrics.opened, 1);
    connections->over_limit_count += over_limit;
    list_append(&connections->open, &connection->link);
    connection->socket = h2o_uv_socket_create((uv_stream_t *)&connection->tcp, free_connection);
    connection->socket->on_close.cb = on_closed;
    connection->socket->on_close.data = connection;
    protocol_open(connection, port->is_tls);
}

struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

int connection_fd(const struct connection *connection)
{
    uv_os_fd_t fd = -1;
    (void)uv_fileno((const uv_handle_t *)&connection->tcp, &fd);
    return fd;
}

void connection_kill(struct connection *connection)
{
    (void)shutdown(connection_fd(connection), SHUT_RDWR);
}

/* ---- clients that leave ---------------------------------------------------------------------- */

void connection_hung_up(struct connection *connection)
{
    if (connection->input_shut)
        return;
    connection->client_left = true;
    if (connection->request.showing != NULL)
        showing_client_left(connection->request.showing);
    /* libh2o reads HTTP/2 all the time and sees it for itself, but for when it is held up. */
    if (connection->gate != NULL && !h2o_socket_is_reading(connection->socket))
        connection_kill(connection);
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
            connection_hung_up(connection);
    }
}

void connection_watch_hang_up(struct connection *connection)
{
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = connection};
    int epoll_fd = connection->loop->connections.epoll_fd;
    if (connection->is_watched)
        return;
    connection->is_watched = true;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, connection_fd(connection), &event) != 0)
        connection_hung_up(connection); /* better than to wait for nobody */
}

int connections_init(struct loop *loop)
{
    struct connections *connections = &loop->connections;
    list_init(&connections->open);
    connections->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (connections->epoll_fd < 0)
        return -errno;
    int error = uv_poll_init(&loop->uv, &connections->hang_ups, connections->epoll_fd);
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

/* ---- the end --------------------------------------------------------------------------------- */

void connections_close_idle(struct loop *loop)
{
    list_each(&loop->connections.open, at)
    {
        struct connection *connection = container_of(at, struct connection, link);
        bool is_idle = connection_activity(connection) == ACTIVITY_IDLE && connection->served > 0;
        if (!is_idle || connection->gate != NULL)
            continue;
        connection->input_shut = true;
        (void)shutdown(connection_fd(connection), SHUT_RD);
    }
}

/* Where the request ends in libh2o's buffer: behind its body, or else with its first empty line. */
static const char *end_of(const h2o_req_t *req, const h2o_buffer_t *input)
{
    const char *end = input->bytes + input->size;
    const char *at = req->input.path.base;
    if (req->entity.base != NULL)
        return req->entity.base + req->entity.len;
    if (at < input->bytes || at >= end)
        return end; /* libh2o has copied it, on account of a body that it has refused */
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && ++at < end) {
        if (*at == '\n')
            return at + 1;
        if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
            return at + 2;
    }
    return end;
}

static bool has_more(const struct connection *connection, const h2o_req_t *req)
{
    const h2o_buffer_t *input = connection->socket->input;
    int in_kernel = 0;
    (void)ioctl(connection_fd(connection), FIONREAD, &in_kernel);
    return end_of(req, input) < input->bytes + input->size || in_kernel > 0;
}

void connection_end_if_draining(h2o_req_t *req)
{
    const struct connection *connection = connection_of(req);
    if (connection->gate == NULL && connection->loop->obeyed != COMMAND_SERVE &&
        !has_more(connection, req))
        req->http1_is_persistent = 0;
}

void connections_kill_all(struct loop *loop)
{
    list_each(&loop->connections.open, at)
        connection_kill(container_of(at, struct connection, link));
}
