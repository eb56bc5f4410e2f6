#include "server/ports/handover.h"

#include <linux/filter.h>
#include <stdint.h>
#include <sys/socket.h>

/* In a TCP header. */
#define FLAGS_OFFSET 13
#define FLAG_SYN     0x02

/*
 * The kernel keeps the sockets of a port in the order in which they began to listen, so ours are
 * the first and a successor's come next. An index without a socket leaves the choice to it: we go
 * on where there is no successor. Where the one that goes is not the oldest, this may point at its
 * own sockets; the second step then costs some clients a second, and still none is reset.
 */
void handover_begin(const struct ports *ports, int loop_count)
{
    uint32_t count = (uint32_t)loop_count;
    struct sock_filter past_ours[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM)),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, count),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    struct sock_fprog program = {sizeof past_ours / sizeof past_ours[0], past_ours};
    for (int i = 0; i < ports->count; i++) {
        const struct port *port = &ports->each[i];
        if (port->loop == 0 && !port->is_admin)
            (void)setsockopt(port->fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
                             sizeof program);
    }
}

/* The filter sees a segment from its TCP header on, both at a handshake's first step and at its
   last. Connections that are accepted inherit it, and never see a SYN. */
void handover_refuse(int fd)
{
    struct sock_filter no_syn[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_OFFSET),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FLAG_SYN, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = {sizeof no_syn / sizeof no_syn[0], no_syn};
    (void)setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

void handover_end(int fd)
{
    (void)setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &(int){0}, sizeof(int));
}
