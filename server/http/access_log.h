/*
 * One line for each request when it ends, answered or not: text for people, JSON for machines.
 * A client that left before its answer is logged with status 499 (nginx's habit).
 */
#pragma once

#include "server/base/h2o.h"

/* Before any h2o_context_init(). Also counts the requests and ends their records, log or no log. */
void access_log_register(h2o_pathconf_t *path);
