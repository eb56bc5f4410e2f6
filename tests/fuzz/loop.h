/*
 * One event loop of awaitd, turned on the thread that asks: the real server without listeners, a
 * client on the other end of a socketpair, and a look at what is left when the client has gone.
 *
 * It is made at the first loop_open(), and lasts. Sleeps are at most 50 us and counts at most 50,
 * so that no input takes long. No input depends on another: each has a connection of its own.
 *
 * Every function fails by FUZZ_CHECK(). Thread: one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One connection, as its client sees it. */
struct client {
    int fd;
    bool reads; /* takes what comes; otherwise it stays where it is, and is lost in the end */
    uint8_t *answer;
    size_t answer_bytes;
    size_t answer_room;
    char *log; /* the lines that were logged meanwhile, NUL-terminated */
};

/* Connects. */
void loop_open(struct client *client, bool reads);

/* Sends as much as the server takes, and turns the loop until all that can end by itself has. */
void loop_send(struct client *client, const uint8_t *bytes, size_t size);

/* Closes the client's way in, turns the loop until the connection has ended, and checks that
   nothing of it is left. Then `answer` and `log` are complete. */
void loop_close(struct client *client);

/* Goes without a word, whatever is unread. The same check. */
void loop_leave(struct client *client);

void loop_free(struct client *client);
