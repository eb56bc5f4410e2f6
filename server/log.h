/*
 * The log: lines on standard output, written by a thread of its own, so that a slow disk or a full
 * pipe never holds up an event loop.
 *
 * Each loop thread appends to its own buffer; the writer empties them all. When a buffer is full,
 * or standard output refuses (a full disk, a pipe whose reader has left), lines are dropped and
 * counted, and the count is logged as soon as that is possible again.
 *
 * Thread: log_write() on the buffer's own thread; the rest on the main thread.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_BUFFER_BYTES ((size_t)256 * 1024)

struct log_buffer {
    struct log *log;
    pthread_mutex_t lock; /* guards the rest; held for a memcpy at most */
    char *filling;
    char *writing; /* the writer's, between two swaps */
    size_t used;
    uint64_t dropped;
};

struct log {
    int fd;
    bool json;
    struct log_buffer *buffers;
    size_t buffer_count;
    pthread_t thread;
    uint64_t untold;      /* lines that were dropped without a word so far; the writer's, */
    bool is_torn;         /* as is this: the last line has no end */
    pthread_mutex_t lock; /* guards the next four */
    pthread_cond_t changed;
    bool pending;
    bool stopping;
    bool ended;                    /* the writer is about to */
    atomic_uint_least64_t dropped; /* in all, told or not */
};

/* Starts the writer with `buffer_count` buffers on `fd`. Returns 0 or an errno. */
int log_start(struct log *log, int fd, bool json, size_t buffer_count);

/* Appends `length` bytes, whole lines with their newlines. Never waits for the disk. */
void log_write(struct log_buffer *buffer, const char *lines, size_t length);

/* How many lines were dropped so far. Any thread. */
uint64_t log_dropped(const struct log *log);

/* Writes what is left, for a second at most, and ends the thread. */
void log_stop(struct log *log);
