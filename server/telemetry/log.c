#include "server/telemetry/log.h"

#include "async/clock.h"
#include "server/base/monotonic.h"
#include "server/telemetry/notice.h"
#include "text/duration.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Lines that come within this time of each other go out in one write. */
#define GATHER_NS (10 * NS_PER_MS)

/* So many of them go out at once. */
#define MANY_BYTES (LOG_BUFFER_BYTES / 8)

/* At the end the writer may take so long with what is left. */
#define PATIENCE_NS NS_PER_SECOND

/* Of one buffer: what it fills, what is being written, and what it gathers. */
#define EACH_BYTES (2 * LOG_BUFFER_BYTES + LOG_GATHER_BYTES)

/* ---- the writer ------------------------------------------------------------------------------ */

/* Returns how many bytes were written: all, unless standard output refuses more. Whoever gave it to
   us may have made it non-blocking, for all who share it. */
static size_t write_all(int fd, const char *bytes, size_t length)
{
    size_t done = 0;
    while (done < length) {
        struct pollfd output = {.fd = fd, .events = POLLOUT};
        ssize_t written = write(fd, bytes + done, length - done);
        if (written >= 0)
            done += (size_t)written;
        else if (errno == EAGAIN)
            (void)poll(&output, 1, -1);
        else if (errno != EINTR)
            break; /* serving matters more */
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

/* The two halves are swapped under the lock and written without it, so that no loop waits. Dropped
   lines are told of when writing succeeds again. */
static void empty_buffer(struct log *log, struct log_buffer *buffer)
{
    (void)pthread_mutex_lock(&buffer->lock);
    char *full = buffer->filling;
    size_t used = buffer->used;
    log->untold += buffer->dropped;
    buffer->filling = buffer->writing;
    buffer->writing = full;
    buffer->used = 0;
    buffer->dropped = 0;
    (void)pthread_mutex_unlock(&buffer->lock);
    uint64_t refused = 0;
    for (size_t at = write_lines(log, full, used); at < used; at++)
        refused += full[at] == '\n';
    (void)atomic_fetch_add_explicit(&log->dropped, refused, memory_order_relaxed);
    log->untold += refused;
    if (log->untold == 0 || refused > 0)
        return;
    char line[NOTICE_BYTES];
    const struct field fields[] = {{.key = "lines", .number = (double)log->untold}, {0}};
    const struct notice notice = {"warn", "log lines dropped",
                                  "{time} awaitd: {lines} log lines dropped", fields};
    size_t length = notice_put(line, log->json, &notice);
    if (write_lines(log, line, length) == length)
        log->untold = 0;
}

/* Returns whether to go on. */
static bool wait_for_lines(struct log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    while (!log->pending && !log->stopping)
        (void)pthread_cond_wait(&log->changed, &log->lock);
    struct timespec end = clock_timespec(clock_now_ns() + log->gather_ns);
    int timed_out = 0;
    while (!log->hurried && !log->stopping && timed_out == 0)
        timed_out = pthread_cond_timedwait(&log->changed, &log->lock, &end);
    log->pending = false;
    log->hurried = false;
    bool goes_on = !log->stopping;
    (void)pthread_mutex_unlock(&log->lock);
    return goes_on;
}

static void *writer_main(void *argument)
{
    struct log *log = argument;
    for (bool goes_on = true; goes_on;) {
        goes_on = wait_for_lines(log);
        for (size_t i = 0; i < log->buffer_count; i++)
            empty_buffer(log, &log->buffers[i]);
    }
    (void)pthread_mutex_lock(&log->lock);
    log->ended = true;
    (void)pthread_cond_broadcast(&log->changed);
    (void)pthread_mutex_unlock(&log->lock);
    return NULL;
}

/* ---- what each loop calls -------------------------------------------------------------------- */

void log_write(struct log_buffer *buffer, const char *line, size_t length)
{
    if (length > LOG_GATHER_BYTES - buffer->gathered_bytes)
        log_hand_over(buffer);
    memcpy(buffer->gathered + buffer->gathered_bytes, line, length);
    buffer->gathered_bytes += length;
    buffer->gathered_lines++;
}

void log_hand_over(struct log_buffer *buffer)
{
    struct log *log = buffer->log;
    if (buffer->gathered_lines == 0)
        return;
    (void)pthread_mutex_lock(&buffer->lock);
    bool was_empty = buffer->used == 0 && buffer->dropped == 0;
    bool had_many = buffer->used >= MANY_BYTES;
    if (buffer->gathered_bytes <= LOG_BUFFER_BYTES - buffer->used) {
        memcpy(buffer->filling + buffer->used, buffer->gathered, buffer->gathered_bytes);
        buffer->used += buffer->gathered_bytes;
    } else {
        buffer->dropped += buffer->gathered_lines;
        (void)atomic_fetch_add_explicit(&log->dropped, buffer->gathered_lines,
                                        memory_order_relaxed);
    }
    bool has_many = buffer->used >= MANY_BYTES;
    (void)pthread_mutex_unlock(&buffer->lock);
    buffer->gathered_bytes = 0;
    buffer->gathered_lines = 0;
    /* The writer is woken when there is something new to know, not for each hand-over. */
    if (!was_empty && has_many == had_many)
        return;
    (void)pthread_mutex_lock(&log->lock);
    log->pending = true;
    log->hurried |= has_many;
    (void)pthread_cond_signal(&log->changed);
    (void)pthread_mutex_unlock(&log->lock);
}

uint64_t log_dropped(const struct log *log)
{
    return atomic_load_explicit(&log->dropped, memory_order_relaxed);
}

/* ---- the beginning and the end --------------------------------------------------------------- */

int log_start(struct log *log, int fd, bool json, size_t buffer_count)
{
    *log =
        (struct log){.fd = fd, .json = json, .buffer_count = buffer_count, .gather_ns = GATHER_NS};
    (void)pthread_mutex_init(&log->lock, NULL);
    monotonic_cond_init(&log->changed);
    log->buffers = calloc(buffer_count, sizeof *log->buffers);
    log->memory = malloc(buffer_count * EACH_BYTES);
    if (log->buffers == NULL || log->memory == NULL) {
        free(log->buffers);
        free(log->memory);
        return ENOMEM;
    }
    for (size_t i = 0; i < buffer_count; i++) {
        char *own = log->memory + i * EACH_BYTES;
        log->buffers[i] = (struct log_buffer){.log = log,
                                              .filling = own,
                                              .writing = own + LOG_BUFFER_BYTES,
                                              .gathered = own + 2 * LOG_BUFFER_BYTES};
        (void)pthread_mutex_init(&log->buffers[i].lock, NULL);
    }
    return pthread_create(&log->thread, NULL, writer_main, log);
}

bool log_end(struct log *log)
{
    struct timespec end = clock_timespec(clock_now_ns() + PATIENCE_NS);
    int timed_out = 0;
    (void)pthread_mutex_lock(&log->lock);
    log->stopping = true;
    (void)pthread_cond_broadcast(&log->changed);
    while (!log->ended && timed_out == 0)
        timed_out = pthread_cond_timedwait(&log->changed, &log->lock, &end);
    bool has_ended = log->ended;
    (void)pthread_mutex_unlock(&log->lock);
    return has_ended;
}

void log_stop(struct log *log)
{
    if (!log_end(log))
        return;
    (void)pthread_join(log->thread, NULL);
    free(log->memory);
    free(log->buffers);
}
