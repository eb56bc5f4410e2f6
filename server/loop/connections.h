/*
 * One loop's connections as a whole: the record that a loop embeds; connection.c fills it.
 * Thread: the loop's.
 */
#pragma once

#include "server/base/list.h"
#include <stdint.h>
#include <uv.h>

struct connection;

struct connections {
    struct link open; /* struct connection */
    int64_t count;    /* of the open ones */
    int64_t over_limit_count;
    int64_t admin_count;
    bool has_closed;    /* a descriptor has become free since the worker looked */
    int epoll_fd;       /* watches for clients that leave (docs/decisions/0005-hang-up.md) */
    uv_poll_t hang_ups; /* watches epoll_fd */
    /* Told of a client that has left, or sends nothing more. Set by the worker. */
    void (*on_left)(struct connection *connection);
};
