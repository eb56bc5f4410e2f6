/*
 * One line for each request when it ends, answered or not: text for people, JSON for machines.
 * A client that left before its answer is logged with status 499 (nginx's habit).
 * Thread: the request's loop; access_log_register() is the main one's.
 */
#pragma once

#include "server/base/h2o.h"

/* Has every request counted and its record ended, log or no log. Comes before any
   h2o_context_init(). */
void access_log_register(h2o_pathconf_t *path);
