#include "server/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Lines that come within this time of each other go out in one write. */
#define GATHER_NS 10000000

/* Whoever gave us standard output may have made it non-blocking, for all who share it. */
static void wait_until_writable(int fd)
{
    struct pollfd output = {.fd = fd, .events = POLLOUT};
    (void)poll(&output, 1, -1);
}

/* Returns how many bytes were written: all, unless standard output refuses more. */
static size_t write_all(int fd, const char *bytes, size_t length)
{
    size_t done = 0;
    while (done < length) {
        ssize_t written = write(fd, bytes + done, length - done);
        if (written < 0 && errno == EAGAIN)
            wait_until_writable(fd);
        else if (written < 0 && errno != EINTR)
            break; /* serving matters more */
        done += written < 0 ? 0 : (size_t)written;
    }
    return done;
}

/* Begins on a line of its own, also where the last one could not be ended. Returns how many of the
   bytes were written. */
static size_t write_lines(struct log *log, const char *lines, size_t length)
{
    if (length == 0 || (log->is_torn && write_all(log->fd, "\n", 1) == 0))
        return 0;
    size_t done = write_all(log->fd, lines, length);
    log->is_torn = done > 0 && lines[done - 1] != '\n';
    return done;
}

static uint64_t count_line_ends(const char *bytes, size_t length)
{
    uint64_t ends = 0;
    for (size_t i = 0; i < length; i++)
        ends += bytes[i] == '\n';
    return ends;
}

/* Returns whether it could be said. */
static bool tell_dropped(struct log *log, uint64_t dropped)
{
    char line[128];
    unsigned long long lines = dropped;
    int length =
        log->json
            ? snprintf(line, sizeof line,
                       "{\"level\":\"warn\",\"msg\":\"log lines dropped\",\"lines\":%llu}\n", lines)
            : snprintf(line, sizeof line, "awaitd: %llu log lines dropped\n", lines);
    return write_lines(log, line, (size_t)length) == (size_t)length;
}

static void empty(struct log *log, struct log_buffer *buffer)
{
    (void)pthread_mutex_lock(&buffer->lock);
    char *full = buffer->filling;
    size_t used = buffer->used;
    uint64_t dropped = buffer->dropped;
    buffer->filling = buffer->writing;
    buffer->writing = full;
    buffer->used = 0;
    buffer->dropped = 0;
    (void)pthread_mutex_unlock(&buffer->lock);
    size_t done = write_lines(log, full, used);
    uint64_t refused = count_line_ends(full + done, used - done);
    (void)atomic_fetch_add_explicit(&log->dropped, refused, memory_order_relaxed);
    log->untold += dropped + refused;
    if (log->untold > 0 && refused == 0 && tell_dropped(log, log->untold))
        log->untold = 0;
}

/* Returns whether to go on. */
static bool wait_for_lines(struct log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    while (!log->pending && !log->stopping)
        (void)pthread_cond_wait(&log->changed, &log->lock);
    log->pending = false;
    bool goes_on = !log->stopping;
    (void)pthread_mutex_unlock(&log->lock);
    return goes_on;
}

uint64_t log_dropped(const struct log *log)
{
    return atomic_load_explicit(&log->dropped, memory_order_relaxed);
}

static void say_ended(struct log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    log->ended = true;
    (void)pthread_cond_broadcast(&log->changed);
    (void)pthread_mutex_unlock(&log->lock);
}

static void *writer_main(void *argument)
{
    struct log *log = argument;
    const struct timespec pause = {.tv_nsec = GATHER_NS};
    for (bool goes_on = true; goes_on;) {
        goes_on = wait_for_lines(log);
        if (goes_on)
            (void)nanosleep(&pause, NULL);
        for (size_t i = 0; i < log->buffer_count; i++)
            empty(log, &log->buffers[i]);
    }
    say_ended(log);
    return NULL;
}

static void tell_writer(struct log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    log->pending = true;
    (void)pthread_cond_signal(&log->changed);
    (void)pthread_mutex_unlock(&log->lock);
}

void log_write(struct log_buffer *buffer, const char *lines, size_t length)
{
    (void)pthread_mutex_lock(&buffer->lock);
    bool was_empty = buffer->used == 0 && buffer->dropped == 0;
    if (length <= LOG_BUFFER_BYTES - buffer->used) {
        memcpy(buffer->filling + buffer->used, lines, length);
        buffer->used += length;
    } else {
        buffer->dropped++;
        (void)atomic_fetch_add_explicit(&buffer->log->dropped, 1, memory_order_relaxed);
    }
    (void)pthread_mutex_unlock(&buffer->lock);
    if (was_empty)
        tell_writer(buffer->log);
}

int log_start(struct log *log, int fd, bool json, size_t buffer_count)
{
    *log = (struct log){.fd = fd, .json = json, .buffer_count = buffer_count};
    (void)pthread_mutex_init(&log->lock, NULL);
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&log->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    log->buffers = calloc(buffer_count, sizeof *log->buffers);
    char *bytes = malloc(buffer_count * 2 * LOG_BUFFER_BYTES);
    if (log->buffers == NULL || bytes == NULL) {
        free(log->buffers);
        free(bytes);
        return ENOMEM;
    }
    for (size_t i = 0; i < buffer_count; i++) {
        char *own = bytes + i * 2 * LOG_BUFFER_BYTES;
        log->buffers[i] =
            (struct log_buffer){.log = log, .filling = own, .writing = own + LOG_BUFFER_BYTES};
        (void)pthread_mutex_init(&log->buffers[i].lock, NULL);
    }
    return pthread_create(&log->thread, NULL, writer_main, log);
}

static void free_buffers(struct log *log)
{
    struct log_buffer *first = &log->buffers[0];
    free(first->filling < first->writing ? first->filling : first->writing);
    free(log->buffers);
}

/* By a clock that nobody sets. False: the time is over. */
static bool wait_for_writer(struct log *log, time_t seconds)
{
    struct timespec patience;
    (void)clock_gettime(CLOCK_MONOTONIC, &patience);
    patience.tv_sec += seconds;
    int error = 0;
    (void)pthread_mutex_lock(&log->lock);
    log->stopping = true;
    (void)pthread_cond_broadcast(&log->changed);
    while (!log->ended && error == 0)
        error = pthread_cond_timedwait(&log->changed, &log->lock, &patience);
    bool ended = log->ended;
    (void)pthread_mutex_unlock(&log->lock);
    return ended;
}

/* A writer that is stuck in a pipe nobody reads keeps its buffers; the process ends anyway. */
void log_stop(struct log *log)
{
    if (!wait_for_writer(log, 1))
        return;
    (void)pthread_join(log->thread, NULL);
    free_buffers(log);
}
