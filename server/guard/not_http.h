/*
 * What is not a request. libh2o answers it past all handlers, filters and loggers with a fixed text
 * of its own; here that is noticed on its way out, made a problem as all errors are, counted and
 * logged. Within TLS it is encrypted before it comes by, and stays as it is.
 *
 * Thread: the loop's.
 */
#pragma once

#include <stdbool.h>
#include <uv.h>

struct connection;

/* Whether this is libh2o's answer to what it cannot parse. */
bool not_http_is_answer(const uv_buf_t *buffers, unsigned count);

/* What is to be sent in its place; constant. */
uv_buf_t not_http_answer(struct connection *connection);
