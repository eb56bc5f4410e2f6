/*
 * Starting awaitd the way a supervisor does: with a descriptor handed down and an environment of
 * its own. What is started is an ordinary struct service; service.h stops it.
 *
 * Every function fails the running cmocka test when it cannot do what it says.
 */
#pragma once

#include "tests/support/service.h"

#define HANDOVER_NOTHING (-1)

struct handover {
    const char *const *arguments;   /* NULL-terminated, all there are; NULL: none */
    const char *const *environment; /* NULL-terminated, "NAME=value"; NULL: none */
    int fd;                         /* becomes descriptor 3 with LISTEN_FDS=1; or nothing */
    bool is_for_another;            /* LISTEN_PID names a process that is not awaitd */
};

/* Waits until it listens. Neither `base` nor `port` is known where it listens on no TCP port. */
void handover_start(struct service *service, const struct handover *handover);

/* Starts it and waits for nothing; its standard output is the caller's, or HANDOVER_NOTHING. */
void handover_launch(struct service *service, const struct handover *handover, int output);

/* Launches it so, on a socket that is handed down, and waits until that is served. */
void handover_start_blind(struct service *service, const struct handover *handover, int output);

/* Runs it to its end, for what must fail. */
struct outcome handover_run(const struct handover *handover);

/* A socket that listens on 127.0.0.1, on `port` or, if 0, on one of the kernel's choice. */
int handover_listen(int port);
int handover_port(int fd);

/* Some kernels let only those with CAP_NET_ADMIN attach a filter; then a port that is left may
 * reset a connection now and then (docs/decisions/0010-leaving-a-port.md). */
bool handover_can_be_clean(void);
