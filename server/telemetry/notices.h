/*
 * What the log tells but for requests. `log` is the loop's own buffer, NULL when the log is off.
 *
 * Thread: the loop's, where one takes a loop's buffer; else any.
 */
#pragma once

#include "config/config.h"
#include "server/telemetry/log.h"
#include "server/telemetry/reasons.h"

/* An iteration of a loop took too long. */
void notice_slow_iteration(struct log_buffer *log, int thread, int64_t busy_ns);

/* Accepting stopped on this loop, for want of what `why` says. At most one line a second. */
void notice_paused(struct log_buffer *log, const char *why);

/* What a client sent was no request, so there is little to say of it. */
void notice_not_http(struct log_buffer *log, const char *client);

/* A connection that began otherwise is cut off. At most ten lines a second. */
void notice_not_proxied(struct log_buffer *log, const char *peer);

/* An HTTP/2 connection is cut off. At most ten lines a second; the metric counts them all. */
void notice_cut_off(struct log_buffer *log, const char *client, enum http2_reason reason);

/* On standard output, log or no log: where awaitd listens and with which limits. Tools wait for
   it. */
void notice_listening(bool is_json, const char *where, int threads, const struct config *config);
