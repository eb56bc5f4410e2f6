/*
 * What the log tells but for requests. `log` is the thread's own buffer, NULL when the log is off.
 *
 * Thread: the one that the buffer belongs to, a loop's or the main one.
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

/* A client and awaitd did not agree on TLS. At most ten lines a second; the metric counts them all.
 */
void notice_tls_failed(struct log_buffer *log, const char *client, const char *reason);

/* The main thread's; each is handed over to the writer at once. */

void notice_told_to_stop(struct log_buffer *log, const char *signal, const struct config *config);

/* With what there is still to do. */
void notice_draining(struct log_buffer *log, uint64_t requests, uint64_t connections);

void notice_told_again(struct log_buffer *log, const char *signal);

/* It was read again, and `why` is "" or a warning; or it was not, and `why` says why. */
void notice_certificate(struct log_buffer *log, bool is_renewed, const char *why);

void notice_stuck(struct log_buffer *log, int loops);

/* The last line: requests since the start, how many of them the end cut off, and how long it took
   from the first signal. */
void notice_stopped(struct log_buffer *log, uint64_t requests, uint64_t cut_off, int64_t took_ns);

/* On standard output, log or no log: where awaitd listens and with which limits. Tools wait for
   it. */
void notice_listening(bool is_json, const char *where, int threads, const struct config *config);
