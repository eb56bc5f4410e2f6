#include "server/telemetry/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Lines that come within this time of each other go out in one write, */
#define GATHER_NS 10000000

/* and earlier when there are so many of them. */
#define MANY_BYTES (LOG_BUFFER_BYTES / 8)

#define PATIENCE_NS 1000000000

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

static struct timespec in_ns(int64_t duration_ns)
{
    struct timespec when;
    (void)clock_gettime(CLOCK_MONOTONIC, &when);
    when.tv_sec += duration_ns / 1000000000;
    when.tv_nsec += duration_ns % 1000000000;
    if (when.tv_nsec >= 1000000000) {
        when.tv_sec++;
        when.tv_nsec -= 1000000000;
    }
    return when;
}

/* Returns whether to go on. */
static bool wait_for_lines(struct log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    while (!log->pending && !log->stopping)
        (void)pthread_cond_wait(&log->changed, &log->lock);
    struct timespec end = in_ns(log->gather_ns);
    int timed_out = 0;
    while (!log->hurried && !log->stopping && timed_out == 0)
        timed_out = pthread_cond_timedwait(&log->changed, &log->lock, &end);
    log->pending = false;
    log->hurried = false;
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
    for (bool goes_on = true; goes_on;) {
        goes_on = wait_for_lines(log);
        for (size_t i = 0; i < log->buffer_count; i++)
            empty(log, &log->buffers[i]);
    }
    say_ended(log);
    return NULL;
}

static void tell_writer(struct log *log, bool hurries)
{
    (void)pthread_mutex_lock(&log->lock);
    log->pending = true;
    log->hurried |= hurries;
    (void)pthread_cond_signal(&log->changed);
    (void)pthread_mutex_unlock(&log->lock);
}

static void drop(struct log_buffer *buffer)
{
    buffer->dropped += buffer->gathered_lines;
    (void)atomic_fetch_add_explicit(&buffer->log->dropped, buffer->gathered_lines,
                                    memory_order_relaxed);
}

void log_hand_over(struct log_buffer *buffer)
{
    if (buffer->gathered_lines == 0)
        return;
    (void)pthread_mutex_lock(&buffer->lock);
    bool was_empty = buffer->used == 0 && buffer->dropped == 0;
    bool had_many = buffer->used >= MANY_BYTES;
    if (buffer->gathered_bytes <= LOG_BUFFER_BYTES - buffer->used) {
        memcpy(buffer->filling + buffer->used, buffer->gathered, buffer->gathered_bytes);
        buffer->used += buffer->gathered_bytes;
    } else {
        drop(buffer);
    }
    bool has_many = buffer->used >= MANY_BYTES;
    (void)pthread_mutex_unlock(&buffer->lock);
    buffer->gathered_bytes = 0;
    buffer->gathered_lines = 0;
    if (was_empty || has_many != had_many)
        tell_writer(buffer->log, has_many);
}

void log_write(struct log_buffer *buffer, const char *line, size_t length)
{
    if (length > LOG_GATHER_BYTES - buffer->gathered_bytes)
        log_hand_over(buffer);
    memcpy(buffer->gathered + buffer->gathered_bytes, line, length);
    buffer->gathered_bytes += length;
    buffer->gathered_lines++;
}

/* One block for all buffers: what each fills, what is being written, and what it gathers. */
#define EACH_BYTES (2 * LOG_BUFFER_BYTES + LOG_GATHER_BYTES)

static void init_buffer(struct log *log, size_t i, char *own)
{
    struct log_buffer *buffer = &log->buffers[i];
    *buffer = (struct log_buffer){.log = log};
    buffer->filling = own;
    buffer->writing = own + LOG_BUFFER_BYTES;
    buffer->gathered = own + 2 * LOG_BUFFER_BYTES;
    (void)pthread_mutex_init(&buffer->lock, NULL);
}

static void init_waiting(struct log *log)
{
    pthread_condattr_t attributes;
    (void)pthread_mutex_init(&log->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&log->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

int log_start(struct log *log, int fd, bool json, size_t buffer_count)
{
    *log =
        (struct log){.fd = fd, .json = json, .buffer_count = buffer_count, .gather_ns = GATHER_NS};
    init_waiting(log);
    log->buffers = calloc(buffer_count, sizeof *log->buffers);
    char *bytes = malloc(buffer_count * EACH_BYTES);
    if (log->buffers == NULL || bytes == NULL) {
        free(log->buffers);
        free(bytes);
        return ENOMEM;
    }
    for (size_t i = 0; i < buffer_count; i++)
        init_buffer(log, i, bytes + i * EACH_BYTES);
    return pthread_create(&log->thread, NULL, writer_main, log);
}

static void free_buffers(struct log *log)
{
    struct log_buffer *first = &log->buffers[0];
    free(first->filling < first->writing ? first->filling : first->writing);
    free(log->buffers);
}

/* By a clock that nobody sets. False: the time is over. */
static bool wait_for_writer(struct log *log, int64_t patience_ns)
{
    struct timespec end = in_ns(patience_ns);
    int error = 0;
    (void)pthread_mutex_lock(&log->lock);
    log->stopping = true;
    (void)pthread_cond_broadcast(&log->changed);
    while (!log->ended && error == 0)
        error = pthread_cond_timedwait(&log->changed, &log->lock, &end);
    bool ended = log->ended;
    (void)pthread_mutex_unlock(&log->lock);
    return ended;
}

/* A writer that is stuck in a pipe nobody reads keeps its buffers; the process ends anyway. */
void log_stop(struct log *log)
{
    if (!wait_for_writer(log, PATIENCE_NS))
        return;
    (void)pthread_join(log->thread, NULL);
    free_buffers(log);
}
