#include "server/stop.h"

#include "async/clock.h"
#include "server/notify.h"
#include "server/telemetry/notices.h"
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

/* Of all loops together. */
static void add_up(const struct shared *shared, struct metrics *sum)
{
    *sum = (struct metrics){0};
    for (int i = 0; i < shared->loop_count; i++)
        metrics_add(sum, &shared->metrics[i]);
}

static struct step begin_drain(const struct shared *shared)
{
    struct metrics sum;
    add_up(shared, &sum);
    notice_draining(shared->main_log, counter_read(&sum.taken_on) - counter_read(&sum.ended),
                    counter_read(&sum.opened) - counter_read(&sum.closed));
    int64_t timeout_ms = shared->config->drain_timeout_ns / NS_PER_MS;
    return (struct step){COMMAND_DRAIN, (int)timeout_ms + WATCHDOG_MS};
}

static void stop_without(struct shared *shared, int loops)
{
    notice_stuck(shared->main_log, loops);
    if (shared->main_log == NULL)
        (void)fprintf(stderr, "awaitd: %d event loops do not end; stopping without them\n", loops);
    else
        (void)log_end(&shared->log);
    _exit(1);
}

/* The first signal begins the delay, if there is one, and then the drain; the second stops at once.
   `signal` is NULL when the time of the last step is over. */
static struct step next_step(struct shared *shared, enum command command, const char *signal)
{
    const struct config *config = shared->config;
    bool was_draining = atomic_exchange(&shared->draining, true);
    if (was_draining && signal != NULL) {
        notice_told_again(shared->main_log, signal);
        return (struct step){COMMAND_STOP, WATCHDOG_MS};
    }
    if (was_draining)
        return begin_drain(shared);
    notify_supervisor("STOPPING=1");
    notice_told_to_stop(shared->main_log, signal, config);
    if (config->drain_delay_ns > 0)
        return (struct step){command, (int)(config->drain_delay_ns / NS_PER_MS)};
    return begin_drain(shared);
}

static void renew_certificate(struct shared *shared)
{
    char why[TLS_WHY_BYTES];
    bool is_renewed = tls_reload(&shared->tls, why);
    notice_certificate(shared->main_log, is_renewed, why);
}

/* Rounded up, as a step that ends early would be told of twice. */
static int left_ms(int64_t ends_ns)
{
    int64_t left_ns = ends_ns - clock_now_ns();
    if (ends_ns == INT64_MAX)
        return -1;
    return left_ns <= 0 ? 0 : (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS);
}

/* The watchdog is here, off the loops: they may be stuck. */
void serve_until_stopped(struct shared *shared, struct worker *workers, int signal_fd)
{
    struct pollfd watched[] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = workers[0].ended_fd, .events = POLLIN}};
    int running = shared->loop_count;
    struct step step = {COMMAND_SERVE, -1};
    struct metrics sum;
    int64_t told_at_ns = 0;
    int64_t ends_ns = INT64_MAX; /* the time that the step has, whatever else is signalled */
    while (running > 0) {
        struct signalfd_siginfo signal;
        eventfd_t ended = 0;
        const char *told = NULL; /* the signal to stop */
        int ready = poll(watched, 2, left_ms(ends_ns));
        if (ready > 0 && watched[0].revents != 0 &&
            read(signal_fd, &signal, sizeof signal) == sizeof signal) {
            if (signal.ssi_signo == SIGHUP)
                renew_certificate(shared);
            else
                told = signal.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM";
        }
        if (ready > 0 && watched[1].revents != 0 && eventfd_read(watched[1].fd, &ended) == 0)
            running -= (int)ended;
        bool is_over = clock_now_ns() >= ends_ns;
        bool is_at_last = step.command == COMMAND_STOP;
        if (running == 0 || (told == NULL && !is_over) || (told != NULL && is_at_last))
            continue;
        if (is_over && step.command != COMMAND_SERVE)
            stop_without(shared, running);
        if (told_at_ns == 0)
            told_at_ns = clock_now_ns();
        step = next_step(shared, step.command, told);
        ends_ns = clock_now_ns() + step.patience_ms * NS_PER_MS;
        for (int i = 0; i < shared->loop_count; i++)
            worker_tell(&workers[i], step.command);
    }
    add_up(shared, &sum);
    notice_stopped(shared->main_log, metrics_requests(&sum), counter_read(&sum.cut_off),
                   clock_now_ns() - told_at_ns);
}
