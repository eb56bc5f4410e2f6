#include "server/accept/listener.h"

#include "server/accept/protocol.h"
#include "server/ports/listen.h"
#include "server/telemetry/notices.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* So many are accepted from one socket before the loop sees to others. */
#define ACCEPTS_AT_ONCE 128

/* Returns 0, or the errno for which it stopped before `most`. */
static int accept_some(struct listener *listener, int most)
{
    for (int i = 0; i < most; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t length = sizeof peer;
        int fd = accept4(listener->port.fd, (struct sockaddr *)&peer, &length,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno != ECONNABORTED && errno != EINTR)
            return errno;
        struct connection *connection =
            fd < 0 ? NULL : connection_open(listener->all->loop, fd, &peer, &listener->port);
        if (connection != NULL)
            protocol_open(connection);
    }
    return 0;
}

/* Where descriptors or memory have run out, connections wait in the kernel's queue until one of
   this loop's is closed, or the next sweep, in case that others have left something. */
static void on_acceptable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct listener *listener = poll->data;
    struct loop *loop = listener->all->loop;
    int error = accept_some(listener, ACCEPTS_AT_ONCE);
    if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM)
        return;
    (void)uv_poll_stop(&listener->poll);
    listener->all->has_paused = true;
    loop->connections.has_closed = false;
    counter_add(&loop->metrics->accept_pauses, 1);
    notice_paused(loop->log, strerror(error));
}

int listener_add(struct listeners *listeners, const struct port *port)
{
    struct listener *listener = &listeners->each[listeners->count];
    if (listeners->count == LISTENERS)
        return UV_EMFILE;
    *listener = (struct listener){.all = listeners, .port = *port, .is_open = true};
    int error = uv_poll_init(&listeners->loop->uv, &listener->poll, port->fd);
    if (error != 0)
        return error;
    listener->poll.data = listener;
    listeners->count++;
    return uv_poll_start(&listener->poll, UV_READABLE, on_acceptable);
}

void listeners_resume(struct listeners *listeners)
{
    if (!listeners->has_paused)
        return;
    listeners->has_paused = false;
    for (int i = 0; i < listeners->count; i++)
        if (listeners->each[i].is_open)
            (void)uv_poll_start(&listeners->each[i].poll, UV_READABLE, on_acceptable);
}

/* ---- closing --------------------------------------------------------------------------------- */

static bool is_open(const struct listener *listener, enum listener_kind kind)
{
    enum listener_kind is = listener->port.is_inherited ? LISTENERS_INHERITED : LISTENERS_OWN;
    if (listener->port.is_admin)
        is = LISTENERS_ADMIN;
    return listener->is_open && is == kind;
}

void listeners_refuse(struct listeners *listeners)
{
    for (int i = 0; i < listeners->count; i++) {
        const struct listener *listener = &listeners->each[i];
        if (!is_open(listener, LISTENERS_OWN))
            continue;
        if (listener->port.loop == PORT_OF_ALL)
            (void)shutdown(listener->port.fd, SHUT_RD);
        else
            listen_refuse(listener->port.fd);
    }
}

void listeners_close(struct listeners *listeners, enum listener_kind kind)
{
    for (int i = 0; i < listeners->count; i++) {
        struct listener *listener = &listeners->each[i];
        if (!is_open(listener, kind))
            continue;
        /* What waits in its queue is taken on: the kernel would reset it. But the queue of a socket
           that was handed down waits for whoever serves it next. */
        while (!listener->port.is_inherited && accept_some(listener, ACCEPTS_AT_ONCE) == 0)
            ;
        listener->is_open = false;
        uv_close((uv_handle_t *)&listener->poll, NULL);
        if (listener->port.loop != PORT_OF_ALL)
            (void)close(listener->port.fd);
    }
}

bool listeners_are_open(const struct listeners *listeners, enum listener_kind kind)
{
    for (int i = 0; i < listeners->count; i++)
        if (is_open(&listeners->each[i], kind))
            return true;
    return false;
}
