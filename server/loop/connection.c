#include "server/loop/connection.h"

#include "async/check.h"
#include "async/clock.h"
#include "server/ports/ports.h"
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Past max_connections each loop takes on so many more to tell them so; the rest is closed. */
#define OVER_LIMIT_MOST 128

/* What is not found at once is found in the next iteration. */
#define HANG_UPS_AT_ONCE 256

/* ---- opening and closing --------------------------------------------------------------------- */

/* NULL: it is a Unix socket's other end. */
static void set_client(struct connection *connection, const struct address *client)
{
    if (client == NULL)
        memcpy(connection->client, "unix", sizeof "unix");
    else
        address_print(client, connection->client);
    connection->is_trusted = trusted_has(&connection->loop->shared->trusted, client);
}

static void set_peer(struct connection *connection, const struct sockaddr_storage *peer)
{
    struct address address;
    bool is_unix = false;
    if (peer->ss_family == AF_INET)
        address = address_of_ipv4((const uint8_t *)&((const struct sockaddr_in *)peer)->sin_addr);
    else if (peer->ss_family == AF_INET6)
        memcpy(address.bytes, &((const struct sockaddr_in6 *)peer)->sin6_addr, sizeof address);
    else
        is_unix = true;
    set_client(connection, is_unix ? NULL : &address);
    memcpy(connection->peer, connection->client, sizeof connection->peer);
}

void connection_stands_for(struct connection *connection, const struct address *client)
{
    if (connection->is_trusted || trusted_is_nobody(&connection->loop->shared->trusted))
        set_client(connection, client);
}

static void free_connection(uv_handle_t *tcp)
{
    struct connection *connection = container_of(tcp, struct connection, stream.tcp);
    list_remove(&connection->stream.written);
    SSL_CTX_free(connection->tls);
    free(connection->last_words);
    free(connection);
}

/* Its descriptor is free already. */
static void on_closed(void *data)
{
    struct connection *connection = data;
    struct loop *loop = connection->loop;
    list_remove(&connection->link);
    loop->connections.count--;
    loop->connections.admin_count -= connection->is_admin;
    loop->connections.over_limit_count -= connection->over_limit;
    loop->connections.has_closed = true;
    counter_add(&loop->metrics->closed, 1);
    /* Its requests have given theirs back; this is for the buffer. */
    (void)atomic_fetch_sub(&loop->shared->taken[BUDGET_HELD], connection->taken[BUDGET_HELD]);
    if (connection->counts_as_open)
        (void)atomic_fetch_sub(&loop->shared->connections, 1);
}

static struct connection *make(struct loop *loop, int fd)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    connection->loop = loop;
    if (quick_stream_open(&connection->stream, &loop->streams, fd))
        return connection;
    uv_close((uv_handle_t *)&connection->stream.tcp, free_connection);
    return NULL;
}

struct connection *connection_open(struct loop *loop, int fd, const struct sockaddr_storage *peer,
                                   const struct port *port)
{
    struct connections *connections = &loop->connections;
    /* Whether it is one of max_connections. Those beyond are only taken on to be told so. */
    bool counts = !port->is_admin &&
                  atomic_fetch_add(&loop->shared->connections, 1) < loop->config->max_connections;
    bool over_limit = !port->is_admin && !counts;
    bool refused = over_limit && connections->over_limit_count >= OVER_LIMIT_MOST;
    struct connection *connection = refused ? NULL : make(loop, fd);
    if (over_limit || (counts && connection == NULL))
        (void)atomic_fetch_sub(&loop->shared->connections, 1);
    if (connection == NULL) {
        counter_add(&loop->metrics->cuts[refused ? CUT_CROWDED : CUT_MEMORY], 1);
        (void)close(fd);
        return NULL;
    }
    connection->counts_as_open = counts;
    connection->over_limit = over_limit;
    connection->is_admin = port->is_admin;
    connection->is_tls = port->is_tls;
    connection->progress.since_ns = clock_now_ns();
    set_peer(connection, peer);
    connections->count++;
    connections->admin_count += port->is_admin;
    connections->over_limit_count += over_limit;
    counter_add(&loop->metrics->opened, 1);
    list_append(&connections->open, &connection->link);
    uv_stream_t *stream = (uv_stream_t *)&connection->stream.tcp;
    connection->socket = h2o_uv_socket_create(stream, free_connection);
    connection->socket->on_close.cb = on_closed;
    connection->socket->on_close.data = connection;
    return connection;
}

struct connection *connection_of(h2o_req_t *req)
{
    return req->conn->callbacks->get_socket(req->conn)->on_close.data;
}

/* Linux resets a connection that is "connected" to nobody. */
void connection_kill(struct connection *connection)
{
    const struct sockaddr nobody = {.sa_family = AF_UNSPEC};
    int fd = quick_stream_fd(&connection->stream);
    if (!connection->ends_answer || connect(fd, &nobody, sizeof nobody) != 0)
        (void)shutdown(fd, SHUT_RDWR);
}

/* ---- clients that leave ---------------------------------------------------------------------- */

static void on_left(struct connection *connection)
{
    if (connection->input_shut)
        return;
    connection->client_left = true;
    connection->loop->connections.on_left(connection);
}

/* A record named here is still there: it is freed in a later phase of the loop's iteration. */
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
            on_left(connection);
    }
}

void connection_look(struct quick_stream *stream)
{
    struct connection *connection = container_of(stream, struct connection, stream);
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.ptr = connection};
    int fd = quick_stream_fd(stream);
    char byte;
    ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count > 0 || (count < 0 && errno == EAGAIN)) {
        if (connection->is_watched)
            return;
        /* Its end is noticed from now on, also behind bytes that are not read. */
        connection->is_watched = true;
        if (epoll_ctl(connection->loop->connections.epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
            return;
    }
    on_left(connection); /* also where it cannot be watched: better than to wait for nobody */
}

/* ---- one loop's ------------------------------------------------------------------------------ */

/* libh2o's own of the functions that ours hide. Only the static library of script/libh2o has them
   by these names; in a shared one they are the next of their names. */
extern __typeof__(h2o_socket_close) libh2o_socket_close __attribute__((weak));
extern __typeof__(h2o_socket_write) libh2o_socket_write __attribute__((weak));

int connections_init(struct loop *loop)
{
    struct connections *connections = &loop->connections;
    list_init(&connections->open);
    connections->libh2o.close = libh2o_socket_close;
    connections->libh2o.write = libh2o_socket_write;
    if (connections->libh2o.close == NULL) {
        *(void **)&connections->libh2o.close = dlsym(RTLD_NEXT, "h2o_socket_close");
        *(void **)&connections->libh2o.write = dlsym(RTLD_NEXT, "h2o_socket_write");
    }
    CO_CHECK(connections->libh2o.close != NULL && connections->libh2o.write != NULL,
             "libh2o must be a shared library, or the one that script/libh2o makes");
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

void connections_close(struct loop *loop)
{
    uv_close((uv_handle_t *)&loop->connections.hang_ups, NULL);
    (void)close(loop->connections.epoll_fd);
}
