/*
 * The log: lines on standard output, written by a thread of its own, so that a slow disk or a full
 * pipe never holds up an event loop.
 *
 * Each loop gathers its lines for a turn, without a lock, and hands them over to its buffer; the
 * writer empties all buffers. When a buffer is full, or standard output refuses (a full disk, a
 * pipe whose reader has left), lines are dropped and counted, and the count is logged as soon as
 * that is possible again.
 *
 * Thread: log_write() and log_hand_over() on the buffer's own; log_dropped() on any; the rest on
 * the main thread.
 */
#pragma once

#include "server/telemetry/wall_time.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a loop that logs 150,000 requests a second writes while its writer waits for a core. Memory
   is only taken as far as it is used. */
#define LOG_BUFFER_BYTES ((size_t)2 * 1024 * 1024)
#define LOG_GATHER_BYTES ((size_t)64 * 1024)

/* How many lines of a kind there were in a second (notices.h). Zeroed: none. */
struct log_rate {
    int64_t since_ns;
    int lines;
};

struct log_buffer {
    struct log *log;
    char *gathered; /* this and the next six are the loop's own */
    size_t gathered_bytes;
    uint64_t gathered_lines;
    struct wall_time time;
    struct log_rate pauses;
    struct log_rate cut_offs;
    struct log_rate not_proxied;
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
    char *memory; /* of all buffers */
    pthread_t thread;
    int64_t gather_ns;    /* for so long the writer waits for more lines */
    uint64_t untold;      /* lines that were dropped without a word so far; the writer's own */
    bool is_torn;         /* the last line has no end; the writer's own */
    pthread_mutex_t lock; /* guards the next five */
    pthread_cond_t changed;
    bool pending;
    bool hurried; /* a buffer fills up */
    bool stopping;
    bool ended;                    /* the writer is about to */
    atomic_uint_least64_t dropped; /* in all, told or not */
};

/* Starts the writer with `buffer_count` buffers on `fd`. Returns 0 or an errno. */
int log_start(struct log *log, int fd, bool json, size_t buffer_count);

/* Appends one line with its newline, at most LOG_GATHER_BYTES long. Never waits for the disk. */
void log_write(struct log_buffer *buffer, const char *line, size_t length);

/* Gives the writer what was appended. At the end of each turn. */
void log_hand_over(struct log_buffer *buffer);

/* How many lines were dropped so far. */
uint64_t log_dropped(const struct log *log);

/* Writes what is left, for a second at most, and ends the thread. A writer that is stuck in a pipe
   nobody reads keeps its buffers; the process ends anyway. */
void log_stop(struct log *log);
