/*
 * One line for each request when it ends, answered or not: text for people, JSON for machines.
 * A client that left before its answer is logged with status 499 (nginx's habit).
 */
#pragma once

#include "server/server.h"

/* Before any h2o_context_init(). Also counts a connection's requests, log or no log. */
void access_log_register(h2o_pathconf_t *path);

/* The line that says where awaitd listens and with which limits; tools wait for it. */
void access_log_started(struct server *server, const char *where);
