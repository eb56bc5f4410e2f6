/*
 * The whole server: set-up, serving, and the end. One on main()'s stack; there are no globals.
 *
 * Thread: made and ended on the main thread. While workers run, they use what is in `shared`; all
 * else is theirs (worker.h) or the main thread's.
 */
#pragma once

#include "server/ports/ports.h"
#include "server/recorder/recorder.h"
#include "server/runs/cage.h"
#include "server/worker.h"

struct server {
    struct shared shared;
    struct ports ports;
    struct cage cage;
    struct recorder recorder;
    struct worker *workers; /* shared.loop_count of them */
    int ended_fd;           /* an eventfd that counts the workers that have ended */
};

/*
 * Serves until told to stop by SIGTERM or SIGINT. Returns the process's exit status: 0 after a
 * drain, 1 when it cannot serve, 2 when the certificate is no good; a line on stderr says why.
 */
int server_run(const struct config *config);

/*
 * What server_run() does before it listens and after its workers have ended, for whoever runs a
 * loop on a thread of his own. He sets shared.config and shared.loop_count, and zeroes the rest.
 * Returns 0, or 1 with a line on stderr, after which the process can only end.
 */
int server_prepare(struct server *server);
void server_dispose(struct server *server);
