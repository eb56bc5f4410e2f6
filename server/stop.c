#include "server/stop.h"

#include "server/notify.h"
#include "text/duration.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Loops that have not ended so long after the drain's time are stuck: the process ends without
   them. */
#define WATCHDOG_MS 3000

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

/* What the workers are told, and how long at most until all have ended, or the delay is over. */
struct step {
    enum command command;
    int patience_ms;
};

/* The first signal begins the delay, if there is one, and then the drain; the second stops at
   once. */
static struct step next_step(struct shared *shared, enum command command, bool is_told)
{
    const struct config *config = shared->config;
    bool was_draining = atomic_exchange(&shared->draining, true);
    if (!was_draining)
        notify_supervisor("STOPPING=1");
    if (!was_draining && config->drain_delay_ns > 0)
        return (struct step){COMMAND_SERVE, (int)(config->drain_delay_ns / NS_PER_MS)};
    if (was_draining && is_told)
        return (struct step){COMMAND_STOP, WATCHDOG_MS};
    if (command == COMMAND_SERVE)
        return (struct step){COMMAND_DRAIN,
                             (int)(config->drain_timeout_ns / NS_PER_MS) + WATCHDOG_MS};
    (void)fprintf(stderr, "awaitd: a loop does not end; stopping without it\n");
    _exit(1);
}

/* The watchdog is here, off the loops: they may be stuck. */
void serve_until_stopped(struct shared *shared, struct worker *workers, int signal_fd)
{
    struct pollfd watched[] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = workers[0].ended_fd, .events = POLLIN}};
    int running = shared->loop_count;
    struct step step = {COMMAND_SERVE, -1};
    while (running > 0) {
        struct signalfd_siginfo signal;
        eventfd_t ended = 0;
        bool is_told = false; /* to stop */
        int ready = poll(watched, 2, step.patience_ms);
        if (ready > 0 && watched[0].revents != 0 &&
            read(signal_fd, &signal, sizeof signal) == sizeof signal) {
            is_told = signal.ssi_signo != SIGHUP;
            if (!is_told)
                tls_reload(&shared->tls);
        }
        if (ready > 0 && watched[1].revents != 0 && eventfd_read(watched[1].fd, &ended) == 0)
            running -= (int)ended;
        bool is_over = ready == 0; /* the time that the step has */
        bool is_at_last = step.command == COMMAND_STOP;
        if (running == 0 || (!is_told && !is_over) || (is_told && is_at_last))
            continue;
        step = next_step(shared, step.command, is_told);
        for (int i = 0; i < shared->loop_count; i++)
            worker_tell(&workers[i], step.command);
    }
}
