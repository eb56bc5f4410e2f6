#include "server/accept/listener.h"

#include "server/http/access_log.h"
#include "server/loop/loop.h"
#include "server/ports/handover.h"
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
    struct headroom *headroom = &listener->thread->headroom;
    for (int i = 0; i < most; i++) {
        if (!listener->listening.is_admin && headroom->is_short && !headroom_allows(headroom, 0))
            return ENOMEM;
        struct sockaddr_storage peer = {0};
        socklen_t length = sizeof peer;
        int fd = accept4(listener->listening.fd, (struct sockaddr *)&peer, &length,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            connection_open(listener->thread, fd, &peer, &listener->listening);
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
    listener->thread->accepting = false;
    counter_add(&listener->thread->metrics.accept_pauses, 1);
    access_log_paused(listener->thread, strerror(error));
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

int listener_add(struct loop_thread *thread, const struct listening *listening)
{
    struct listener *listener = &thread->listeners[thread->listener_count];
    if (thread->listener_count == LISTENERS)
        return UV_EMFILE;
    *listener = (struct listener){.thread = thread, .listening = *listening, .is_open = true};
    int error = uv_poll_init(&thread->uv, &listener->poll, listening->fd);
    if (error != 0)
        return error;
    listener->poll.data = listener;
    thread->listener_count++;
    return uv_poll_start(&listener->poll, UV_READABLE, on_acceptable);
}

void listeners_resume(struct loop_thread *thread)
{
    if (thread->accepting)
        return;
    thread->accepting = true;
    for (int i = 0; i < thread->listener_count; i++)
        if (thread->listeners[i].is_open)
            (void)uv_poll_start(&thread->listeners[i].poll, UV_READABLE, on_acceptable);
}

/* What waits in its queue is taken on: the kernel would reset it. But the queue of a socket that
   was handed down waits for whoever serves it next. */
static void close_listener(struct listener *listener)
{
    int fd = listener->listening.fd;
    while (!listener->listening.is_inherited && accept_some(listener, ACCEPTS_AT_ONCE) == 0)
        ;
    listener->is_open = false;
    uv_close((uv_handle_t *)&listener->poll, NULL);
    if (listener->listening.thread == SOCKET_OF_ALL)
        return;
    if (listener->listening.thread == 0)
        handover_end(fd);
    (void)close(fd);
}

static enum listeners kind_of(const struct listening *listening)
{
    if (listening->is_admin)
        return LISTENERS_ADMIN;
    return listening->is_inherited ? LISTENERS_INHERITED : LISTENERS_OWN;
}

void listeners_refuse(struct loop_thread *thread)
{
    for (int i = 0; i < thread->listener_count; i++) {
        struct listener *listener = &thread->listeners[i];
        if (!listener->is_open || kind_of(&listener->listening) != LISTENERS_OWN)
            continue;
        if (listener->listening.thread == SOCKET_OF_ALL)
            (void)shutdown(listener->listening.fd, SHUT_RD);
        else
            handover_refuse(listener->listening.fd);
    }
}

void listeners_close(struct loop_thread *thread, enum listeners kind)
{
    for (int i = 0; i < thread->listener_count; i++) {
        struct listener *listener = &thread->listeners[i];
        if (listener->is_open && kind_of(&listener->listening) == kind)
            close_listener(listener);
    }
}

bool listeners_are_open(const struct loop_thread *thread, enum listeners kind)
{
    for (int i = 0; i < thread->listener_count; i++) {
        const struct listener *listener = &thread->listeners[i];
        if (listener->is_open && kind_of(&listener->listening) == kind)
            return true;
    }
    return false;
}
