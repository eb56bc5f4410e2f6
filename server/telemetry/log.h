/*
 * The log: lines on standard output, written by a thread of its own, so that a slow disk or a full
 * pipe never holds up an event loop.
 *
 * Each loop gathers its lines for an iteration, without a lock, and hands them over to its buffer,
 * as the main thread does with each of its few; the writer empties all buffers. When a buffer is
 * full, or standard output refuses (a full disk, a pipe whose reader has left), lines are dropped
 * and counted, and the count is logged as soon as that is possible again.
 *
 * Owner: struct shared has the log; it owns the memory of all buffers. Thread: log_write() and
 * log_hand_over() on the one that the buffer belongs to; log_dropped() on any; the rest on the
 * main one.
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

/* How many lines of a kind there were in a second (notices.c). Zeroed: none. */
struct log_rate {
    int64_t since_ns; /* when that second began */
    int lines;
};

struct log_buffer {
    struct log *log;
    /* The thread's own. */
    char *gathered; /* lines that are not handed over yet */
    size_t gathered_bytes;
    uint64_t gathered_lines;
    struct wall_time time;       /* of the loop's last line */
    struct log_rate pauses;      /* notices that accepting has stopped */
    struct log_rate cut_offs;    /* notices of HTTP/2 connections */
    struct log_rate not_proxied; /* notices of those without a PROXY header */
    struct log_rate handshakes;  /* notices of those that failed */
    /* Shared with the writer. */
    pthread_mutex_t lock; /* guards what follows; held for a memcpy at most */
    char *filling;        /* takes what is handed over */
    char *writing;        /* the writer's, between two swaps */
    size_t used;          /* bytes of `filling` */
    uint64_t dropped;     /* lines, since the last swap */
};

struct log {
    int fd;
    bool json;
    struct log_buffer *buffers;
    size_t buffer_count;
    char *memory; /* of all buffers */
    pthread_t thread;
    int64_t gather_ns;             /* the writer waits so long for more lines */
    uint64_t untold;               /* lines dropped without a word so far; the writer's own */
    bool is_torn;                  /* the last line has no end; the writer's own */
    atomic_uint_least64_t dropped; /* lines dropped in all, told or not */
    pthread_mutex_t lock;          /* guards what follows */
    pthread_cond_t changed;        /* one of these is true now */
    bool pending;                  /* a buffer has lines */
    bool hurried;                  /* a buffer fills up */
    bool stopping;                 /* write what is left, and end */
    bool ended;                    /* the writer is about to return */
};

/* Starts the writer with `buffer_count` buffers on `fd`. Returns 0 or an errno. */
int log_start(struct log *log, int fd, bool json, size_t buffer_count);

/* Appends one line with its newline, at most LOG_GATHER_BYTES long. Never waits for the disk. */
void log_write(struct log_buffer *buffer, const char *line, size_t length);

/* Gives the writer what was appended. Called at the end of each iteration. */
void log_hand_over(struct log_buffer *buffer);

/* How many lines were dropped so far. */
uint64_t log_dropped(const struct log *log);

/* Writes what is left, for a second at most, and ends the writer. False: it is stuck in a pipe that
   nobody reads. */
bool log_end(struct log *log);

/* The same, and frees the buffers. A writer that is stuck keeps them; the process ends anyway. */
void log_stop(struct log *log);
