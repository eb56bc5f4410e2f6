/*
 * What all loops share. Passive: server.c fills it in before the loops start and clears it away
 * when they have ended; loops read it, count in its atomics, and hand jobs to the cage.
 *
 * Owner: server_run(), on its stack; there are no globals. Thread: any; what changes while loops
 * run is atomic or has a lock of its own.
 */
#pragma once

#include "config/config.h"
#include "config/trusted.h"
#include "server/base/h2o.h"
#include "server/ports/tls.h"
#include "server/telemetry/log.h"
#include "server/telemetry/metrics.h"
#include "server/telemetry/process.h"
#include <stdatomic.h>

struct cage;
struct recorder;
struct route;

/* What is rationed (budget.h). */
enum budget_item {
    BUDGET_TASKS, /* hi() in flight */
    BUDGET_HELD,  /* bytes */
    BUDGET_ITEMS,
};

struct shared {
    const struct config *config;
    const struct route *routes; /* ends with a path of NULL */
    h2o_globalconf_t h2o;
    struct trusted trusted; /* proxies, by their word */
    struct tls tls;
    struct log_buffer *main_log; /* the main thread's; NULL: the log is off */
    struct log log;              /* not started when the log is off */
    struct cage *cage;
    struct recorder *recorder;
    struct metrics *metrics; /* of each loop */
    int loop_count;
    bool logs_json;
    double started_at_seconds; /* since the epoch */
    char keep_alive[32];       /* Keep-Alive's value; empty: idle_timeout is too short for one */
    h2o_iovec_t openapi;       /* the document, which never changes */
    struct descriptors descriptors;
    atomic_llong taken[BUDGET_ITEMS]; /* by all requests in flight */
    atomic_llong connections;         /* that are open, of max_connections; not those over it */
    atomic_bool draining;             /* the server was told to stop, and is no longer ready */
};
