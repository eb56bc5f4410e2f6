#include "server/server.h"

#include "async/clock.h"
#include "server/access_log.h"
#include "server/handle.h"
#include "server/library_errors.h"
#include "server/listener.h"
#include "server/loop_thread.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Loops that have not ended so long after the drain's time are wedged: the process ends without
 * them. */
#define WATCHDOG_MS 3000

static int fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "awaitd: %s: %s\n", what, why);
    return 1;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static uint64_t milliseconds(int64_t ns)
{
    return (uint64_t)(ns / 1000000);
}

/*
 * libh2o's one HTTP/1 timer runs from the end of a response to the end of the next request, so it
 * cannot tell an idle client from a slow one. The sweep (sweep.c) can; the timer is only a
 * backstop.
 */
static void configure_h2o(struct server *server)
{
    const struct config *config = server->config;
    h2o_globalconf_t *h2o = &server->h2o;
    h2o_config_init(h2o);
    h2o->server_name = h2o_iovec_init(H2O_STRLIT("awaitd"));
    /* libh2o takes a body with Content-Length up to this size, a chunked one only below it. */
    h2o->max_request_entity_size = (size_t)config->max_body_bytes + 1;
    h2o->http1.upgrade_to_http2 = 0;
    h2o->http1.req_timeout =
        2 * milliseconds(config->idle_timeout_ns + config->request_timeout_ns) + 5000;
    h2o_hostconf_t *host =
        h2o_config_register_host(h2o, h2o_iovec_init(H2O_STRLIT("awaitd")), 65535);
    h2o_handler_t *handler = h2o_create_handler(&host->fallback_path, sizeof *handler);
    handler->on_req = handle_request;
    library_errors_register(&host->fallback_path);
    access_log_register(&host->fallback_path);
}

static int count_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0)
        return 1;
    return CPU_COUNT(&cores);
}

/* As many descriptors as we may have; fewer than the limits ask for is worth a word. */
static void raise_descriptor_limit(const struct config *config)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < (rlim_t)config->max_connections + 64)
        (void)fprintf(
            stderr,
            "awaitd: only %llu descriptors are allowed, fewer than max_connections %lld needs; "
            "past them connections wait (see ulimit -n)\n",
            (unsigned long long)limit.rlim_cur, (long long)config->max_connections);
}

/* All addresses get the port that the kernel chose for the first. */
static void share_port(struct listen_addresses *addresses)
{
    const struct sockaddr_storage *first = &addresses->each[0].address;
    in_port_t port = first->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)first)->sin6_port
                                                  : ((const struct sockaddr_in *)first)->sin_port;
    for (int i = 1; i < addresses->count; i++) {
        struct sockaddr_storage *address = &addresses->each[i].address;
        if (address->ss_family == AF_INET6)
            ((struct sockaddr_in6 *)address)->sin6_port = port;
        else
            ((struct sockaddr_in *)address)->sin_port = port;
    }
}

/* One descriptor for each thread and address, before anything is started that would have to end. */
static int open_listeners(struct server *server, struct listen_addresses *addresses)
{
    size_t count = (size_t)server->thread_count * (size_t)addresses->count;
    server->listen_fds = calloc(count, sizeof *server->listen_fds);
    if (server->listen_fds == NULL)
        return fail("cannot listen", strerror(errno));
    for (size_t i = 0; i < count; i++) {
        server->listen_fds[i] = listen_open(&addresses->each[i % (size_t)addresses->count]);
        if (server->listen_fds[i] < 0) {
            free(server->listen_fds);
            return 1;
        }
        if (i == 0)
            share_port(addresses);
    }
    return 0;
}

static int add_listeners(struct server *server, int addresses, int unix_fd)
{
    int error = 0;
    for (int i = 0; error == 0 && i < server->thread_count; i++) {
        struct loop_thread *thread = &server->threads[i];
        for (int j = 0; error == 0 && j < addresses; j++)
            error = listener_add(thread, server->listen_fds[i * addresses + j], true);
        if (error == 0 && unix_fd >= 0)
            error = listener_add(thread, unix_fd, false);
    }
    free(server->listen_fds);
    return error == 0 ? 0 : fail("cannot watch a listener", uv_strerror(error));
}

static int init_threads(struct server *server)
{
    server->threads = calloc((size_t)server->thread_count, sizeof *server->threads);
    server->threads_done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->threads == NULL || server->threads_done_fd < 0)
        return fail("cannot start", strerror(errno));
    bool logs = server->config->log != CONFIG_LOG_OFF;
    bool is_json = server->config->log == CONFIG_LOG_JSON;
    int error =
        logs ? log_start(&server->log, STDOUT_FILENO, is_json, (size_t)server->thread_count) : 0;
    for (int i = 0; error == 0 && i < server->thread_count; i++)
        error =
            -loop_thread_init(&server->threads[i], server, logs ? &server->log.buffers[i] : NULL);
    if (error == 0)
        error = cage_start(&server->cage, server->config->max_blocking);
    return error == 0 ? 0 : fail("cannot start", strerror(error));
}

/* ---- serving --------------------------------------------------------------------------------- */

/* Signals come as bytes of a descriptor, to the main thread alone. Before any other thread starts.
 */
static int take_signals(void)
{
    sigset_t stops;
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigaddset(&stops, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &stops, NULL);
    /* libuv writes with write(2), which raises SIGPIPE where the client has left. */
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &stops, SFD_CLOEXEC);
}

static void tell_all(struct server *server, enum command command)
{
    for (int i = 0; i < server->thread_count; i++)
        loop_thread_tell(&server->threads[i], command);
}

static bool took_signal(int signal_fd)
{
    struct signalfd_siginfo signal;
    return read(signal_fd, &signal, sizeof signal) == sizeof signal;
}

/* Waits for a signal or for threads to end, which is counted down. False: the time is over. */
static bool wait_for_event(struct server *server, int signal_fd, int timeout_ms, bool *signalled,
                           int *running)
{
    struct pollfd watched[] = {{.fd = signal_fd, .events = POLLIN},
                               {.fd = server->threads_done_fd, .events = POLLIN}};
    int ready = poll(watched, 2, timeout_ms);
    eventfd_t ended = 0;
    *signalled = ready > 0 && watched[0].revents != 0 && took_signal(signal_fd);
    if (ready > 0 && watched[1].revents != 0 && eventfd_read(server->threads_done_fd, &ended) == 0)
        *running -= (int)ended;
    return ready != 0;
}

/* The first signal drains, the second stops at once. The watchdog is off the loops: they may be
 * stuck. */
static void serve_until_stopped(struct server *server, int signal_fd)
{
    int running = server->thread_count;
    enum command command = COMMAND_SERVE;
    int drain_ms = (int)milliseconds(server->config->drain_timeout_ns);
    int patience_ms = -1;
    while (running > 0) {
        bool signalled = false;
        if (!wait_for_event(server, signal_fd, patience_ms, &signalled, &running)) {
            (void)fprintf(stderr, "awaitd: a loop does not end; stopping without it\n");
            _exit(1);
        }
        if (!signalled || command == COMMAND_STOP)
            continue;
        command = command == COMMAND_SERVE ? COMMAND_DRAIN : COMMAND_STOP;
        patience_ms = WATCHDOG_MS + (command == COMMAND_DRAIN ? drain_ms : 0);
        tell_all(server, command);
    }
}

/* Loops that run already could not be told to end before they serve, so a failure ends the process.
 */
static void start_threads(struct server *server)
{
    for (int i = 0; i < server->thread_count; i++) {
        int error = loop_thread_start(&server->threads[i]);
        if (error != 0)
            _exit(fail("cannot start a thread", strerror(error)));
    }
}

static void announce(struct server *server, const struct listen_addresses *addresses)
{
    char text[80];
    char where[512] = "";
    size_t used = 0;
    for (int i = 0; i < addresses->count && used < sizeof where; i++) {
        listen_print(&addresses->each[i], text, sizeof text);
        used += (size_t)snprintf(where + used, sizeof where - used, "%shttp://%s", i > 0 ? " " : "",
                                 text);
    }
    if (server->config->unix_path[0] != '\0' && used < sizeof where)
        (void)snprintf(where + used, sizeof where - used, " unix:%s", server->config->unix_path);
    access_log_started(server, where);
}

static void end(struct server *server, int signal_fd)
{
    for (int i = 0; i < server->thread_count; i++) {
        (void)pthread_join(server->threads[i].thread, NULL);
        (void)pthread_mutex_destroy(&server->threads[i].lock);
    }
    cage_stop(&server->cage);
    if (server->config->log != CONFIG_LOG_OFF)
        log_stop(&server->log);
    h2o_config_dispose(&server->h2o);
    (void)close(server->threads_done_fd);
    (void)close(signal_fd);
}

static int serve(struct server *server, struct listen_addresses *addresses, int unix_fd)
{
    int signal_fd = take_signals();
    if (signal_fd < 0)
        return fail("cannot take signals", strerror(errno));
    const struct config *config = server->config;
    server->thread_count = config->threads > 0 ? (int)config->threads : count_cores();
    if (open_listeners(server, addresses) != 0)
        return 1;
    raise_descriptor_limit(config);
    configure_h2o(server);
    if (init_threads(server) != 0 || add_listeners(server, addresses->count, unix_fd) != 0)
        return 1;
    start_threads(server);
    announce(server, addresses);
    serve_until_stopped(server, signal_fd);
    end(server, signal_fd);
    return 0;
}

int server_run(const struct config *config)
{
    struct server server = {.config = config};
    struct listen_addresses addresses;
    int unix_fd = -1;
    if (!listen_resolve(config, &addresses))
        return 1;
    bool has_unix = config->unix_path[0] != '\0';
    if (has_unix && (unix_fd = listen_open_unix(config->unix_path)) < 0)
        return 1;
    int status = serve(&server, &addresses, unix_fd);
    free(server.threads);
    if (has_unix) {
        (void)close(unix_fd);
        (void)unlink(config->unix_path);
    }
    return status;
}
