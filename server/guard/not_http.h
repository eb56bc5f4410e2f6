/*
 * What is not a request. libh2o answers it past all handlers, filters and loggers with a fixed text
 * of its own; here its h2o_socket_write() is hidden by ours, which notices that text, makes it a
 * problem as all errors are, and counts and logs it.
 *
 * Thread: the loop's.
 */
#pragma once

#include "server/loop/connection.h"

/* Answers 408 and closes, where libh2o is reading a request that does not get whole in time. */
void not_http_give_up(struct connection *connection);
