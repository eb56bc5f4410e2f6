#include "server/stop.h"

#include "server/loop/loop.h"
#include "server/notify.h"
#include "server/ports/handover.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Loops that have not ended so long after the drain's time are wedged: the process ends without
 * them. */
#define WATCHDOG_MS 3000

static int milliseconds(int64_t ns)
{
    return (int)(ns / 1000000);
}

/* Signals come as bytes of a descriptor, to the main thread alone.
   Before any other thread starts. */
int signals_take(const struct config *config)
{
    sigset_t stops;
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigaddset(&stops, SIGINT);
    /* Without TLS there is nothing to read again: it ends the process, as it always did. */
    if (tls_is_wanted(config))
        (void)sigaddset(&stops, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &stops, NULL);
    /* libuv writes with write(2), which raises SIGPIPE where the client has left. */
    (void)signal(SIGPIPE, SIG_IGN);
    /* A log that may not grow any more is a write(2) that fails, not the end. */
    (void)signal(SIGXFSZ, SIG_IGN);
    return signalfd(-1, &stops, SFD_CLOEXEC);
}

static void tell_all(struct server *server, enum command command)
{
    for (int i = 0; i < server->loop_count; i++)
        loop_tell(&server->loops[i], command);
}

/* A signal to stop, that is. */
static bool took_signal(struct server *server, int signal_fd)
{
    struct signalfd_siginfo signal;
    if (read(signal_fd, &signal, sizeof signal) != sizeof signal)
        return false;
    if (signal.ssi_signo != SIGHUP)
        return true;
    tls_reload(&server->tls);
    return false;
}

/* Waits for a signal or for threads to end, which is counted down. False: the time is over. */
static bool wait_for_event(struct server *server, int signal_fd, int timeout_ms, bool *signalled,
                           int *running)
{
    struct pollfd watched[] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = server->loops_done_fd, .events = POLLIN}};
    int ready = poll(watched, 2, timeout_ms);
    eventfd_t ended = 0;
    *signalled = ready > 0 && watched[0].revents != 0 && took_signal(server, signal_fd);
    if (ready > 0 && watched[1].revents != 0 && eventfd_read(server->loops_done_fd, &ended) == 0)
        *running -= (int)ended;
    return ready != 0;
}

/* What comes next, and how long at most until all loops have ended, or the delay is over. */
struct plan_of_end {
    enum command command;
    int patience_ms;
};

/* The first signal begins the delay, if there is one, and then the
   drain; the second stops at once. */
static struct plan_of_end next_step(struct server *server, enum command command, bool signalled)
{
    const struct config *config = server->config;
    bool was_draining = atomic_exchange(&server->draining, true);
    if (!was_draining)
        notify_supervisor("STOPPING=1");
    if (!was_draining && config->drain_delay_ns > 0)
        return (struct plan_of_end){COMMAND_SERVE, milliseconds(config->drain_delay_ns)};
    if (was_draining && signalled)
        return (struct plan_of_end){COMMAND_STOP, WATCHDOG_MS};
    if (command == COMMAND_SERVE) {
        handover_begin(&server->ports, server->loop_count);
        return (struct plan_of_end){COMMAND_DRAIN,
                                    milliseconds(config->drain_timeout_ns) + WATCHDOG_MS};
    }
    (void)fprintf(stderr, "awaitd: a loop does not end; stopping without it\n");
    _exit(1);
}

/* The watchdog is here, off the loops: they may be stuck. */
void serve_until_stopped(struct server *server, int signal_fd)
{
    int running = server->loop_count;
    struct plan_of_end plan = {COMMAND_SERVE, -1};
    while (running > 0) {
        bool signalled = false;
        bool in_time = wait_for_event(server, signal_fd, plan.patience_ms, &signalled, &running);
        if (running == 0 || (in_time && !signalled) || (signalled && plan.command == COMMAND_STOP))
            continue;
        plan = next_step(server, plan.command, signalled);
        tell_all(server, plan.command);
    }
}
