#include "server/server.h"

#include "server/accept/listener.h"
#include "server/api/handle.h"
#include "server/api/routes.h"
#include "server/http/access_log.h"
#include "server/http/library_errors.h"
#include "server/loop/loop.h"
#include "server/notify.h"
#include "server/stop.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* What libh2o announces in its SETTINGS, which cannot be changed: no stream need wait in it. */
#define HTTP2_STREAMS 100

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
    h2o->server_name = (h2o_iovec_t){NULL, 0}; /* ours is with the other headers */
    /* libh2o takes a body with Content-Length up to this size, a chunked one only below it. */
    h2o->max_request_entity_size = (size_t)config->max_body_bytes + 1;
    h2o->http1.upgrade_to_http2 = 0; /* it would go past the gate */
    h2o->http1.req_timeout =
        2 * milliseconds(config->idle_timeout_ns + config->request_timeout_ns) + 5000;
    h2o->http2.idle_timeout = h2o->http1.req_timeout;
    h2o->http2.max_concurrent_requests_per_connection = HTTP2_STREAMS;
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

static int add_listeners(struct server *server)
{
    int error = 0;
    for (int i = 0; i < server->ports.count; i++) {
        const struct port *port = &server->ports.each[i];
        for (int j = 0; error == 0 && j < server->loop_count; j++)
            if (port->loop == j || port->loop == PORT_OF_ALL)
                error = listener_add(&server->loops[j], port);
    }
    return error == 0 ? 0 : fail("cannot watch a listener", uv_strerror(error));
}

int server_prepare(struct server *server)
{
    server->routes = routes;
    configure_h2o(server);
    server->loops = calloc((size_t)server->loop_count, sizeof *server->loops);
    server->loops_done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (server->loops == NULL || server->loops_done_fd < 0)
        return fail("cannot start", strerror(errno));
    bool logs = server->config->log != CONFIG_LOG_OFF;
    bool is_json = server->logs_json;
    int error =
        logs ? log_start(&server->log, STDOUT_FILENO, is_json, (size_t)server->loop_count) : 0;
    for (int i = 0; error == 0 && i < server->loop_count; i++)
        error = -loop_init(&server->loops[i], server, logs ? &server->log.buffers[i] : NULL);
    if (error == 0)
        error = cage_start(&server->cage, server->config->max_blocking);
    return error == 0 ? 0 : fail("cannot start", strerror(error));
}

/* ---- serving --------------------------------------------------------------------------------- */

/* Loops that run already could not be told to end before they serve,
   so a failure ends the process. */
static void start_threads(struct server *server)
{
    for (int i = 0; i < server->loop_count; i++) {
        int error = loop_start(&server->loops[i]);
        if (error != 0)
            _exit(fail("cannot start a thread", strerror(error)));
    }
}

static void join_threads(struct server *server)
{
    for (int i = 0; i < server->loop_count; i++)
        (void)pthread_join(server->loops[i].thread, NULL);
}

void server_dispose(struct server *server)
{
    for (int i = 0; i < server->loop_count; i++)
        (void)pthread_mutex_destroy(&server->loops[i].lock);
    cage_stop(&server->cage);
    if (server->config->log != CONFIG_LOG_OFF)
        log_stop(&server->log);
    h2o_config_dispose(&server->h2o);
    (void)close(server->loops_done_fd);
    free(server->loops);
}

static bool chooses_json(const struct config *config)
{
    return config->log == CONFIG_LOG_JSON ||
           (config->log == CONFIG_LOG_AUTO && !isatty(STDOUT_FILENO));
}

static double wall_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int serve(struct server *server)
{
    int signal_fd = signals_take(server->config);
    if (signal_fd < 0)
        return fail("cannot take signals", strerror(errno));
    raise_descriptor_limit(server->config);
    if (server_prepare(server) != 0 || add_listeners(server) != 0)
        return 1;
    start_threads(server);
    access_log_started(server, server->ports.where);
    notify_supervisor("READY=1");
    serve_until_stopped(server, signal_fd);
    join_threads(server);
    server_dispose(server);
    (void)close(signal_fd);
    return 0;
}

int server_run(const struct config *config)
{
    struct server server = {.config = config, .logs_json = chooses_json(config)};
    server.started_at_seconds = wall_seconds();
    server.loop_count = config->threads > 0 ? (int)config->threads : count_cores();
    if (!tls_open(&server.tls, config))
        return 2;
    if (!ports_open(&server.ports, config, server.loop_count))
        return 1;
    int status = serve(&server);
    ports_close(&server.ports);
    tls_close(&server.tls);
    return status;
}
