/*
 * Being told to stop: signals, the steps of a drain, and a watchdog. Thread: the main one.
 */
#pragma once

#include "server/worker.h"

/* Returns a descriptor from which SIGTERM, SIGINT and, with TLS, SIGHUP are read, or -1. To be
   called before any other thread is started, so that no signal interrupts one. */
int signals_take(const struct config *config);

/*
 * Returns when all workers, shared->loop_count of them, have ended. The first signal makes the
 * server unready and, after drain_delay, drains it; the second stops it at once. Loops that do not
 * end in time end the process, status 1. SIGHUP reads the certificate again.
 */
void serve_until_stopped(struct shared *shared, struct worker *workers, int signal_fd);
