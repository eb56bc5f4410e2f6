#include "server/loop/quick_stream.h"

#include "async/check.h"
#include <dlfcn.h>
#include <string.h>

/* libh2o writes two buffers of HTTP/1, one of HTTP/2, and more with TLS or pieces. */
#define BUFFERS_AT_ONCE 16

static struct quick_stream *quick_stream_of(uv_stream_t *stream)
{
    return container_of(stream, struct quick_stream, tcp);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Goes round once. What is written meanwhile waits for the next call: a fast reader of a large
   answer would otherwise be sent all of it before anybody else is served. */
void quick_streams_tell_written(struct quick_streams *streams)
{
    const struct link *last = streams->written.previous;
    while (!list_is_empty(&streams->written)) {
        struct link *first = streams->written.next;
        struct quick_stream *quick = container_of(first, struct quick_stream, written);
        list_remove(first);
        quick->on_written(quick->write, 0);
        if (first == last)
            break;
    }
}

static void nothing(uv_idle_t *idle)
{
    (void)idle;
}

void quick_streams_end_iteration(struct quick_streams *streams)
{
    quick_streams_tell_written(streams);
    if (list_is_empty(&streams->written))
        (void)uv_idle_stop(&streams->more);
    else
        (void)uv_idle_start(&streams->more, nothing);
}

/* Moves the front of `buffers` past what was sent, and returns how many of them are left. */
static unsigned skip(uv_buf_t **buffers, unsigned count, size_t sent)
{
    while (count > 0 && sent >= (*buffers)->len) {
        sent -= (*buffers)->len;
        (*buffers)++;
        count--;
    }
    if (count > 0) {
        (*buffers)->base += sent;
        (*buffers)->len -= sent;
    }
    return count;
}

/* The array of buffers is the caller's again when this returns, their bytes when on_written() is
   called. */
int uv_write(uv_write_t *write, uv_stream_t *stream, const uv_buf_t buffers[], unsigned count,
             uv_write_cb on_written)
{
    struct quick_stream *quick = quick_stream_of(stream);
    struct quick_streams *streams = quick->streams;
    const uv_buf_t *replacement = streams->replace(quick, buffers, count);
    if (replacement != NULL) {
        buffers = replacement;
        count = 1;
    }
    int sent = count <= BUFFERS_AT_ONCE ? uv_try_write(stream, buffers, count) : UV_EAGAIN;
    if (sent < 0)
        return streams->libuv.write(write, stream, buffers, count, on_written);
    size_t all = 0;
    for (unsigned i = 0; i < count; i++)
        all += buffers[i].len;
    if ((size_t)sent < all) {
        uv_buf_t copies[BUFFERS_AT_ONCE];
        uv_buf_t *rest = copies;
        memcpy(copies, buffers, count * sizeof *buffers);
        count = skip(&rest, count, (size_t)sent);
        return streams->libuv.write(write, stream, rest, count, on_written);
    }
    quick->write = write;
    quick->on_written = on_written;
    list_append(&streams->written, &quick->written);
    return 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int stop_for_real(struct quick_stream *quick)
{
    quick->watched = false;
    return quick->streams->libuv.read_stop((uv_stream_t *)&quick->tcp);
}

/* Offers no room for bytes that nobody wants: libuv leaves them in the kernel and tells on_read().
 */
static void on_alloc(uv_handle_t *handle, size_t suggested_bytes, uv_buf_t *buffer)
{
    struct quick_stream *quick = quick_stream_of((uv_stream_t *)handle);
    if (quick->wanted)
        quick->alloc(handle, suggested_bytes, buffer);
    else
        *buffer = uv_buf_init(NULL, 0);
}

/* At an error or the end libuv has stopped by itself, or does when this returns. */
static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct quick_stream *quick = quick_stream_of(stream);
    struct quick_streams *streams = quick->streams;
    if (!quick->wanted) {
        (void)stop_for_real(quick);
        streams->on_unwanted(quick);
        return;
    }
    if (count < 0)
        quick->watched = false;
    quick->read(stream, count, buffer);
    streams->on_handled(streams);
    quick_streams_tell_written(streams);
}

int uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb read)
{
    struct quick_stream *quick = quick_stream_of(stream);
    quick->alloc = alloc;
    quick->read = read;
    quick->wanted = true;
    quick->streams->on_wanted(quick);
    if (quick->watched)
        return 0;
    quick->watched = true;
    return quick->streams->libuv.read_start(stream, on_alloc, on_read);
}

/* libuv calls this too, to close a stream. */
int uv_read_stop(uv_stream_t *stream)
{
    struct quick_stream *quick = quick_stream_of(stream);
    quick->wanted = false;
    return uv_is_closing((uv_handle_t *)stream) ? stop_for_real(quick) : 0;
}

/* ---- opening and closing --------------------------------------------------------------------- */

bool quick_stream_open(struct quick_stream *stream, struct quick_streams *streams, int fd)
{
    stream->streams = streams;
    (void)uv_tcp_init(streams->more.loop, &stream->tcp);
    return uv_tcp_open(&stream->tcp, fd) == 0;
}

int quick_stream_fd(const struct quick_stream *stream)
{
    uv_os_fd_t fd = -1;
    (void)uv_fileno((const uv_handle_t *)&stream->tcp, &fd);
    return fd;
}

void quick_streams_init(struct quick_streams *streams, uv_loop_t *uv)
{
    struct libuv_streams *libuv = &streams->libuv;
    *(void **)&libuv->read_start = dlsym(RTLD_NEXT, "uv_read_start");
    *(void **)&libuv->read_stop = dlsym(RTLD_NEXT, "uv_read_stop");
    *(void **)&libuv->write = dlsym(RTLD_NEXT, "uv_write");
    CO_CHECK(libuv->read_start != NULL && libuv->read_stop != NULL && libuv->write != NULL,
             "libuv must be linked dynamically");
    list_init(&streams->written);
    (void)uv_idle_init(uv, &streams->more);
}

void quick_streams_close(struct quick_streams *streams)
{
    uv_close((uv_handle_t *)&streams->more, NULL);
}
