/*
 * An answer where there is no request: what came is none, or was not whole in time. libh2o has
 * nothing to hang it on, so it is made as bytes, with the headers of every other answer.
 * Thread: the connection's loop.
 */
#pragma once

#include "server/http/problem.h"
#include "server/loop/connection.h"

/* A whole answer, the last of its connection, whose record owns the bytes. Empty: no memory. */
h2o_iovec_t bare_answer(struct connection *connection, const struct problem *problem);
