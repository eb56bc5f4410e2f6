/*
 * The whole server: what all loop threads share. One on main()'s stack; there are no globals.
 *
 * Thread: made and ended on the main thread. While loop threads run, they read the configuration,
 * count in the two atomics, and hand jobs to the cage; all else is their own (loop_thread.h).
 */
#pragma once

#include "config/config.h"
#include "server/base/h2o.h"
#include "server/ports/ports.h"
#include "server/ports/tls.h"
#include "server/runs/cage.h"
#include "server/telemetry/log.h"
#include <stdatomic.h>

struct route;

struct server {
    const struct config *config;
    const struct route *routes; /* all that is answered; ends with a path of NULL */
    h2o_globalconf_t h2o;
    struct ports ports;
    struct tls tls;
    struct log log; /* log.fd is -1 when the log is off */
    struct cage cage;
    atomic_llong tasks;       /* hi() of all requests in flight */
    atomic_llong connections; /* open, of max_connections; not those over it */
    atomic_bool draining;     /* told to stop: no longer ready */
    bool logs_json;
    double started_at_seconds; /* since the epoch */
    struct loop *loops;
    int loop_count;
    int loops_done_fd; /* an eventfd that counts the threads that have ended */
};

/*
 * Serves until told to stop by SIGTERM or SIGINT. Returns the process's exit status: 0 after a
 * drain, 1 when it cannot serve, 2 when the certificate is no good; a line on stderr says why.
 */
int server_run(const struct config *config);

/*
 * What server_run() does before it listens and after its threads have ended, for who turns a loop
 * on a thread of his own: `config` and `loop_count` are set, the rest is zeroed. Returns 0, or 1
 * with a line on stderr, after which the process can only end.
 */
int server_prepare(struct server *server);
void server_dispose(struct server *server);
