/*
 * Being told to stop: signals, the steps of a drain, and a watchdog. Thread: the main one.
 */
#pragma once

#include "server/worker.h"

/* SIGTERM and SIGINT, and with TLS SIGHUP, come as bytes of the descriptor that is returned, or -1.
   To be called before any other thread is started, so that none of them is interrupted. */
int signals_take(const struct config *config);

/*
 * Returns when all workers, shared->loop_count of them, have ended. The first signal makes the
 * server unready and, after drain_delay, drains it; the second stops it at once. Loops that do not
 * end in time end the process, status 1. SIGHUP reads the certificate again.
 */
void serve_until_stopped(struct shared *shared, struct worker *workers, int signal_fd);
