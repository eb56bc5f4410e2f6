#include "server/listener.h"

#include "server/loop_thread.h"
#include <errno.h>
#include <unistd.h>

/* Of one socket, before others in the loop have their turn. */
#define ACCEPTS_AT_ONCE 64

static bool is_out_of_resources(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

/* Returns 0, or the errno for which it stopped before `most`. */
static int accept_some(struct listener *listener, int most)
{
    for (int i = 0; i < most; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t length = sizeof peer;
        int fd =
            accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            connection_open(listener->thread, fd, &peer);
        else if (errno != ECONNABORTED && errno != EINTR)
            return errno;
    }
    return 0;
}

/* Out of descriptors: connections wait in the kernel's queue until the next sweep tries again. */
static void on_acceptable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct listener *listener = poll->data;
    if (is_out_of_resources(accept_some(listener, ACCEPTS_AT_ONCE))) {
        (void)uv_poll_stop(poll);
        listener->thread->accepting = false;
    }
}

int listener_add(struct loop_thread *thread, int fd, bool owns_fd)
{
    struct listener *listener = &thread->listeners[thread->listener_count];
    *listener = (struct listener){.thread = thread, .fd = fd, .owns_fd = owns_fd};
    int error = uv_poll_init(&thread->uv, &listener->poll, fd);
    if (error != 0)
        return error;
    listener->poll.data = listener;
    thread->listener_count++;
    return uv_poll_start(&listener->poll, UV_READABLE, on_acceptable);
}

void listeners_resume(struct loop_thread *thread)
{
    if (thread->accepting || thread->obeyed != COMMAND_SERVE)
        return;
    thread->accepting = true;
    for (int i = 0; i < thread->listener_count; i++)
        (void)uv_poll_start(&thread->listeners[i].poll, UV_READABLE, on_acceptable);
}

static void close_fd(uv_handle_t *poll)
{
    struct listener *listener = poll->data;
    if (listener->owns_fd)
        (void)close(listener->fd);
}

void listeners_close(struct loop_thread *thread)
{
    for (int i = 0; i < thread->listener_count; i++) {
        struct listener *listener = &thread->listeners[i];
        /* The kernel resets what is left in the queue of a socket that is closed. */
        while (accept_some(listener, ACCEPTS_AT_ONCE) == 0)
            ;
        uv_close((uv_handle_t *)&listener->poll, close_fd);
    }
    thread->listener_count = 0;
}
