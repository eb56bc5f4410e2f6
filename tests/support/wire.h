/*
 * HTTP/1 by hand on a bare socket: requests go out as they are given, answers are read one at a
 * time and not a byte further, so that a test sees what comes behind them. For clients that leave,
 * dawdle or pipeline; http.h is for all others.
 */
#pragma once

#include "tests/support/service.h"
#include <stdbool.h>
#include <stddef.h>

struct reply {
    int status; /* 0: the connection ended, or the time was over, before a whole head was there */
    bool is_whole; /* the body came to its proper end */
    char head[2048];
    char *body; /* NUL-terminated */
    size_t body_bytes;
    size_t body_room; /* allocated */
};

/* Sends "GET target HTTP/1.1" with a Host. */
void wire_get(int fd, const char *target);

/* Reads the next answer to a GET. Whatever ends it early is for the test to judge. */
struct reply wire_read(int fd, int timeout_ms);
void reply_free(struct reply *reply);

/* Whether its head has this line; "Name: value", the case is ignored. */
bool reply_has(const struct reply *reply, const char *line);

/* Reads the next answer and returns its status; 0 as above. */
int wire_status(int fd, int timeout_ms);

/* A GET on a connection of its own: the answer, or just its status, asserted to be whole. */
struct reply wire_ask(const struct service *service, const char *target);
int wire_ask_status(const struct service *service, const char *target);

/* Closes so that the other side sees a reset (SO_LINGER 0). */
void wire_reset(int fd);

/* For test_eventually(): whether the service answers `target` with `status` now. */
struct wire_hope {
    const struct service *service;
    const char *target;
    int status;
};
bool wire_is_answered(void *hope);

/* A connection on which `request`, whole text, is being run: the target `probe` finds no room any
   more and is answered 503, which it is not without it. */
int wire_hold(const struct service *service, const char *request, const char *probe);

/* How many descriptors it has open when nobody is connected. Connects often before that, so that
   each loop has had a connection: for its first one, libuv opens a descriptor of its own. */
int wire_descriptors_at_rest(const struct service *service);

/* Waits until the service has no more descriptors open than `descriptors`. */
void wire_expect_descriptors(const struct service *service, int descriptors);

/* A 503 as it is promised: a problem that says what is full, and when to come back. */
void wire_expect_busy(const struct reply *reply, const char *name);

/* Ways to leave with a pipelined request and part of another still unread: by FIN, by reset. */
void wire_leave_with_bytes_unread(int fd);
void wire_leave_by_reset_with_bytes_unread(int fd);
