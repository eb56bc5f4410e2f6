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
    struct link open;
    int64_t count;
    int64_t over_limit_count;
    int64_t admin_count;
    bool has_closed; /* one of them has, since somebody looked: its descriptor is free */
    int epoll_fd;    /* watches for clients that leave (docs/decisions/0005-hang-up.md) */
    uv_poll_t hang_ups;
    /* Told of a client that has left, or sends nothing more. Set by whoever turns the loop. */
    void (*on_left)(struct connection *connection);
};
