/*
 * One line for each request when it ends, answered or not: text for people, JSON for machines.
 * A client that left before its answer is logged with status 499 (nginx's habit).
 */
#pragma once

#include "server/loop/connection.h"

/* Before any h2o_context_init(). Also counts a connection's requests, log or no log. */
void access_log_register(h2o_pathconf_t *path);

/* A turn of a loop that took too long. */
void access_log_slow_turn(struct loop *loop, int64_t busy_ns);

/* What a client sent was no request, so there is little to say of it. */
void access_log_not_http(struct connection *connection);

/* Accepting stopped on this thread, for want of what `why` says. At most one line a second. */
void access_log_paused(struct loop *loop, const char *why);

/* The line that says where awaitd listens and with which limits; tools wait for it. */
void access_log_started(const struct shared *server, const char *where);
