#include "server/accept/listener.h"

#include "server/loop/loop.h"
#include "server/ports/handover.h"
#include "server/telemetry/notice.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of one socket, before others in the loop have their turn. */
#define ACCEPTS_AT_ONCE 128

static bool is_out_of_resources(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Returns 0, or the errno for which it stopped before `most`. */
static int accept_some(struct listener *listener, int most)
{
    struct headroom *headroom = &listener->loop->headroom;
    for (int i = 0; i < most; i++) {
        if (!listener->port.is_admin && headroom->is_short && !headroom_for_new(headroom, 0))
            return ENOMEM;
        struct sockaddr_storage peer = {0};
        socklen_t length = sizeof peer;
        int fd = accept4(listener->port.fd, (struct sockaddr *)&peer, &length,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            connection_open(listener->loop, fd, &peer, &listener->port);
        else if (errno != ECONNABORTED && errno != EINTR)
            return errno;
    }
    return 0;
}

/* Connections wait in the kernel's queue until one of this loop's is closed, or the next sweep, in
   case that others have left something. */
static void pause_accepting(struct listener *listener, int error)
{
    (void)uv_poll_stop(&listener->poll);
    listener->loop->accepting = false;
    counter_add(&listener->loop->metrics.accept_pauses, 1);
    notice_paused(listener->loop->log, strerror(error));
}

static void on_acceptable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct listener *listener = poll->data;
    int error = accept_some(listener, ACCEPTS_AT_ONCE);
    if (is_out_of_resources(error))
        pause_accepting(listener, error);
}

int listener_add(struct loop *loop, const struct port *port)
{
    struct listener *listener = &loop->listeners[loop->listener_count];
    if (loop->listener_count == LISTENERS)
        return UV_EMFILE;
    *listener = (struct listener){.loop = loop, .port = *port, .is_open = true};
    int error = uv_poll_init(&loop->uv, &listener->poll, port->fd);
    if (error != 0)
        return error;
    listener->poll.data = listener;
    loop->listener_count++;
    return uv_poll_start(&listener->poll, UV_READABLE, on_acceptable);
}

void listeners_resume(struct loop *loop)
{
    if (loop->accepting)
        return;
    loop->accepting = true;
    for (int i = 0; i < loop->listener_count; i++)
        if (loop->listeners[i].is_open)
            (void)uv_poll_start(&loop->listeners[i].poll, UV_READABLE, on_acceptable);
}

/* What waits in its queue is taken on: the kernel would reset it. But the queue of a socket that
   was handed down waits for whoever serves it next. */
static void close_listener(struct listener *listener)
{
    int fd = listener->port.fd;
    while (!listener->port.is_inherited && accept_some(listener, ACCEPTS_AT_ONCE) == 0)
        ;
    listener->is_open = false;
    uv_close((uv_handle_t *)&listener->poll, NULL);
    if (listener->port.loop == PORT_OF_ALL)
        return;
    if (listener->port.loop == 0)
        handover_end(fd);
    (void)close(fd);
}

static enum listeners kind_of(const struct port *port)
{
    if (port->is_admin)
        return LISTENERS_ADMIN;
    return port->is_inherited ? LISTENERS_INHERITED : LISTENERS_OWN;
}

void listeners_refuse(struct loop *loop)
{
    for (int i = 0; i < loop->listener_count; i++) {
        struct listener *listener = &loop->listeners[i];
        if (!listener->is_open || kind_of(&listener->port) != LISTENERS_OWN)
            continue;
        if (listener->port.loop == PORT_OF_ALL)
            (void)shutdown(listener->port.fd, SHUT_RD);
        else
            handover_refuse(listener->port.fd);
    }
}

void listeners_close(struct loop *loop, enum listeners kind)
{
    for (int i = 0; i < loop->listener_count; i++) {
        struct listener *listener = &loop->listeners[i];
        if (listener->is_open && kind_of(&listener->port) == kind)
            close_listener(listener);
    }
}

bool listeners_are_open(const struct loop *loop, enum listeners kind)
{
    for (int i = 0; i < loop->listener_count; i++) {
        const struct listener *listener = &loop->listeners[i];
        if (listener->is_open && kind_of(&listener->port) == kind)
            return true;
    }
    return false;
}
