#include "server/stop.h"

#include "server/notify.h"
#include "text/duration.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Loops that have not ended so long after the drain's time are wedged: the process ends without
 * them. */
#define WATCHDOG_MS 3000

static int milliseconds(int64_t ns)
{
    return (int)(ns / NS_PER_MS);
}

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

/* Waits for a signal or for workers to end, which are counted down. Returns false when the time is
   over; `is_told` says whether it was a signal to stop. */
static bool wait_for_event(struct tls *tls, int signal_fd, int ended_fd, int timeout_ms,
                           bool *is_told, int *running)
{
    struct pollfd watched[] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = ended_fd, .events = POLLIN}};
    struct signalfd_siginfo signal;
    eventfd_t ended = 0;
    int ready = poll(watched, 2, timeout_ms);
    *is_told = false;
    if (ready > 0 && watched[0].revents != 0 &&
        read(signal_fd, &signal, sizeof signal) == sizeof signal) {
        *is_told = signal.ssi_signo != SIGHUP;
        if (!*is_told)
            tls_reload(tls);
    }
    if (ready > 0 && watched[1].revents != 0 && eventfd_read(ended_fd, &ended) == 0)
        *running -= (int)ended;
    return ready != 0;
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
        return (struct step){COMMAND_SERVE, milliseconds(config->drain_delay_ns)};
    if (was_draining && is_told)
        return (struct step){COMMAND_STOP, WATCHDOG_MS};
    if (command == COMMAND_SERVE)
        return (struct step){COMMAND_DRAIN, milliseconds(config->drain_timeout_ns) + WATCHDOG_MS};
    (void)fprintf(stderr, "awaitd: a loop does not end; stopping without it\n");
    _exit(1);
}

/* The watchdog is here, off the loops: they may be stuck. */
void serve_until_stopped(struct shared *shared, struct worker *workers, int signal_fd)
{
    int ended_fd = workers[0].ended_fd;
    int running = shared->loop_count;
    struct step step = {COMMAND_SERVE, -1};
    while (running > 0) {
        bool is_told = false;
        bool in_time =
            wait_for_event(&shared->tls, signal_fd, ended_fd, step.patience_ms, &is_told, &running);
        if (running == 0 || (in_time && !is_told) || (is_told && step.command == COMMAND_STOP))
            continue;
        step = next_step(shared, step.command, is_told);
        for (int i = 0; i < shared->loop_count; i++)
            worker_tell(&workers[i], step.command);
    }
}
