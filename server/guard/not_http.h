/*
 * What is not a request. libh2o answers it past all handlers, filters and loggers with a fixed text
 * of its own; here that is noticed on its way out, made a problem as all errors are, counted and
 * logged. Within TLS it is encrypted before it comes by, and stays as it is.
 *
 * Thread: the loop's.
 */
#pragma once

#include "server/loop/quick_stream.h"

/* quick_stream.h's replace hook: our answer for libh2o's, NULL for anything else. */
const uv_buf_t *not_http_replace(struct quick_stream *stream, const uv_buf_t *buffers,
                                 unsigned count);
