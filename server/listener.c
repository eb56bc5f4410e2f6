#include "server/listener.h"

#include "server/loop_thread.h"
#include <errno.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of one socket, before others in the loop have their turn. */
#define ACCEPTS_AT_ONCE 64

/* RFC 9293, section 3.1: the byte of a segment that holds its flags, and two of them. */
#define TCP_FLAGS_AT 13
#define TCP_SYN      0x02
#define TCP_ACK      0x10

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
    if (thread->accepting)
        return;
    thread->accepting = true;
    for (int i = 0; i < thread->listener_count; i++)
        (void)uv_poll_start(&thread->listeners[i].poll, UV_READABLE, on_acceptable);
}

/* TCP: drops each segment that would begin a connection (SYN without ACK), and no other. */
static void drop_syn(int fd)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, TCP_FLAGS_AT),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TCP_SYN | TCP_ACK),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TCP_SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    const struct sock_fprog filter = {.len = sizeof steps / sizeof *steps, .filter = steps};
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

void listeners_let_nobody_in(struct loop_thread *thread)
{
    for (int i = 0; i < thread->listener_count; i++) {
        const struct listener *listener = &thread->listeners[i];
        if (listener->owns_fd)
            drop_syn(listener->fd);
        else
            (void)shutdown(listener->fd, SHUT_RD);
    }
}

void listeners_close(struct loop_thread *thread)
{
    for (int i = 0; i < thread->listener_count; i++) {
        struct listener *listener = &thread->listeners[i];
        uv_close((uv_handle_t *)&listener->poll, NULL);
        /* The kernel resets what is left in the queue of a socket that is closed. */
        while (accept_some(listener, ACCEPTS_AT_ONCE) == 0)
            ;
        if (listener->owns_fd)
            (void)close(listener->fd);
    }
    thread->listener_count = 0;
}
