#include "server/server.h"

#include "server/accept/protocol.h"
#include "server/api/handle.h"
#include "server/api/openapi.h"
#include "server/api/routes.h"
#include "server/http/access_log.h"
#include "server/http/library_errors.h"
#include "server/notify.h"
#include "server/stop.h"
#include "server/telemetry/greeting.h"
#include "server/telemetry/notices.h"
#include "text/duration.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "awaitd: %s: %s\n", what, why);
    return 1;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

/*
 * libh2o's one HTTP/1 timer runs from the end of a response to the end of the next request, so it
 * cannot tell an idle client from a slow one. The sweep (guard/sweep.c) can; the timer is only a
 * backstop.
 */
static void configure_h2o(h2o_globalconf_t *h2o, const struct config *config)
{
    h2o_config_init(h2o);
    h2o->server_name = (h2o_iovec_t){NULL, 0}; /* ours is with the other headers */
    /* libh2o takes a body with Content-Length up to this size, a chunked one only below it. */
    h2o->max_request_entity_size = (size_t)config->max_body_bytes + 1;
    h2o->http1.upgrade_to_http2 = 0; /* libh2o's own HTTP/2 is never to be reached */
    h2o->http1.req_timeout =
        2 * (uint64_t)((config->idle_timeout_ns + config->request_timeout_ns) / NS_PER_MS) + 5000;
    h2o_hostconf_t *host =
        h2o_config_register_host(h2o, h2o_iovec_init(H2O_STRLIT("awaitd")), 65535);
    h2o_handler_t *handler = h2o_create_handler(&host->fallback_path, sizeof *handler);
    handler->on_req = handle_request;
    library_errors_register(&host->fallback_path);
    access_log_register(&host->fallback_path);
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

int server_prepare(struct server *server)
{
    struct shared *shared = &server->shared;
    const struct config *config = shared->config;
    size_t count = (size_t)shared->loop_count;
    int error = 0;
    struct text bad;
    (void)trusted_parse(&shared->trusted, config->trusted_proxies, &bad); /* config_load() did */
    shared->routes = routes;
    shared->cage = &server->cage;
    shared->recorder = &server->recorder;
    shared->openapi.base = openapi_text(config, routes);
    shared->openapi.len = shared->openapi.base == NULL ? 0 : strlen(shared->openapi.base);
    configure_h2o(&shared->h2o, config);
    /* A second less than is true, for the way: who keeps to it never meets the close. */
    if (config->idle_timeout_ns >= 2 * NS_PER_SECOND)
        (void)snprintf(shared->keep_alive, sizeof shared->keep_alive, "timeout=%d",
                       (int)(config->idle_timeout_ns / NS_PER_SECOND) - 1);
    shared->metrics = calloc(count, sizeof *shared->metrics);
    server->workers = calloc(count, sizeof *server->workers);
    server->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (shared->metrics == NULL || server->workers == NULL || server->ended_fd < 0)
        return fail("cannot start", strerror(errno));
    if (config->log != CONFIG_LOG_OFF) {
        error = log_start(&shared->log, STDOUT_FILENO, shared->logs_json, count + 1);
        shared->main_log = error == 0 ? &shared->log.buffers[count] : NULL;
    }
    if (error == 0)
        error = recorder_start(&server->recorder, config, shared->loop_count);
    for (int i = 0; error == 0 && i < shared->loop_count; i++)
        error = -worker_init(&server->workers[i], shared, i, server->ended_fd);
    if (error == 0)
        error = cage_start(&server->cage, config->max_blocking);
    return error == 0 ? 0 : fail("cannot start", strerror(error));
}

void server_dispose(struct server *server)
{
    struct shared *shared = &server->shared;
    for (int i = 0; i < shared->loop_count; i++)
        (void)pthread_mutex_destroy(&server->workers[i].loop.lock);
    cage_stop(&server->cage);
    recorder_stop(&server->recorder);
    if (shared->config->log != CONFIG_LOG_OFF)
        log_stop(&shared->log);
    h2o_config_dispose(&shared->h2o);
    (void)close(server->ended_fd);
    free(server->workers);
    free(shared->metrics);
    free(shared->openapi.base);
}

/* ---- serving --------------------------------------------------------------------------------- */

static int serve(struct server *server)
{
    struct shared *shared = &server->shared;
    int error = 0;
    int signal_fd = signals_take(shared->config);
    if (signal_fd < 0)
        return fail("cannot take signals", strerror(errno));
    raise_descriptor_limit(shared->config);
    if (server_prepare(server) != 0)
        return 1;
    for (int i = 0; i < server->ports.count; i++) {
        const struct port *port = &server->ports.each[i];
        for (int j = 0; error == 0 && j < shared->loop_count; j++)
            if (port->loop == j || port->loop == PORT_OF_ALL)
                error = listener_add(&server->workers[j].listeners, port);
    }
    if (error != 0)
        return fail("cannot watch a listener", uv_strerror(error));
    for (int i = 0; i < shared->loop_count; i++) {
        error = worker_start(&server->workers[i]);
        if (error != 0) /* those that run already could not be told to end before they serve */
            _exit(fail("cannot start a thread", strerror(error)));
    }
    if (greeting_is_wanted(shared->config))
        greeting_print(stdout, server->ports.where, shared->config);
    else
        notice_listening(shared->logs_json, server->ports.where, shared->loop_count,
                         shared->config);
    notify_supervisor("READY=1");
    serve_until_stopped(shared, server->workers, signal_fd);
    for (int i = 0; i < shared->loop_count; i++)
        (void)pthread_join(server->workers[i].thread, NULL);
    server_dispose(server);
    (void)close(signal_fd);
    return 0;
}

int server_run(const struct config *config)
{
    struct server server = {.shared = {.config = config}};
    struct shared *shared = &server.shared;
    struct timespec now;
    cpu_set_t cores; /* that this process may use */
    (void)clock_gettime(CLOCK_REALTIME, &now);
    shared->started_at_seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    shared->logs_json = config->log == CONFIG_LOG_JSON ||
                        (config->log == CONFIG_LOG_AUTO && !isatty(STDOUT_FILENO));
    shared->loop_count = (int)config->threads;
    if (config->threads == 0)
        shared->loop_count =
            sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
    if (!tls_open(&shared->tls, config, protocol_message))
        return 2;
    if (!ports_open(&server.ports, config, shared->loop_count))
        return 1;
    int status = serve(&server);
    ports_close(&server.ports);
    tls_close(&shared->tls);
    return status;
}
