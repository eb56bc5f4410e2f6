#include "server/loop/quick_stream.h"

#include "async/check.h"
#include "server/guard/not_http.h"
#include "server/loop/loop.h"
#include "server/runs/showing.h"
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* libh2o writes two buffers of HTTP/1, one of HTTP/2, and more with TLS or pieces. */
#define BUFFERS_AT_ONCE 16

static struct connection *connection_of_stream(uv_stream_t *stream)
{
    return container_of(stream, struct connection, tcp);
}

static struct quick_streams *streams_of(struct connection *connection)
{
    return &connection->loop->streams;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* One round: a fast reader of a large answer would otherwise be sent all of it before anybody else
   gets a turn. */
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

void quick_streams_end_turn(struct quick_streams *streams)
{
    quick_streams_tell_written(streams);
    if (list_is_empty(&streams->written))
        (void)uv_idle_stop(&streams->more);
    else
        (void)uv_idle_start(&streams->more, nothing);
}

static size_t bytes_in(const uv_buf_t *buffers, unsigned count)
{
    size_t bytes = 0;
    for (unsigned i = 0; i < count; i++)
        bytes += buffers[i].len;
    return bytes;
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

/* `buffers` are at the caller's, and done with when this returns. */
int uv_write(uv_write_t *write, uv_stream_t *stream, const uv_buf_t buffers[], unsigned count,
             uv_write_cb on_written)
{
    struct connection *connection = connection_of_stream(stream);
    uv_buf_t explained;
    if (not_http_is_answer(buffers, count)) {
        explained = not_http_answer(connection);
        buffers = &explained;
    }
    struct quick_streams *streams = streams_of(connection);
    uv_buf_t copies[BUFFERS_AT_ONCE];
    uv_buf_t *rest = copies;
    int sent = count <= BUFFERS_AT_ONCE ? uv_try_write(stream, buffers, count) : UV_EAGAIN;
    if (sent < 0)
        return streams->libuv.write(write, stream, buffers, count, on_written);
    if ((size_t)sent < bytes_in(buffers, count)) {
        memcpy(copies, buffers, count * sizeof *buffers);
        count = skip(&rest, count, (size_t)sent);
        return streams->libuv.write(write, stream, rest, count, on_written);
    }
    connection->quick.write = write;
    connection->quick.on_written = on_written;
    list_append(&streams->written, &connection->quick.written);
    return 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int stop_for_real(struct connection *connection)
{
    connection->quick.watched = false;
    return streams_of(connection)->libuv.read_stop((uv_stream_t *)&connection->tcp);
}

/* libh2o keeps room for so many bytes behind those that it has read, and doubles its buffer for it.
 */
#define READ_AT_ONCE_BYTES 4096

/* Reading the first bytes of a request may go into the reserve, for it to be refused. */
static bool has_memory(struct connection *connection)
{
    struct headroom *headroom = &connection->loop->headroom;
    const h2o_buffer_t *input = connection->socket->input;
    if (input->bytes == NULL)
        return !headroom->is_short || headroom_for_refusal(headroom, HEADROOM_REQUEST_BYTES);
    return input->capacity - input->size >= READ_AT_ONCE_BYTES ||
           headroom_for_new(headroom, 2 * input->capacity);
}

/* No room for bytes that nobody wants: libuv leaves them in the kernel and tells on_read(). */
static void on_alloc(uv_handle_t *handle, size_t suggested_bytes, uv_buf_t *buffer)
{
    struct connection *connection = connection_of_stream((uv_stream_t *)handle);
    struct quick_stream *quick = &connection->quick;
    if (quick->wanted && has_memory(connection))
        quick->alloc(handle, suggested_bytes, buffer);
    else
        *buffer = uv_buf_init(NULL, 0);
}

/* While a request waits: the end of its client, or bytes behind which that may still come. */
static void look_what_came(struct connection *connection)
{
    char byte;
    ssize_t count = recv(connection_fd(connection), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count > 0 || (count < 0 && errno == EAGAIN))
        connection_watch_hang_up(connection);
    else
        connection_hung_up(connection);
}

/* At an error or the end libuv has stopped by itself, or does when this returns. */
static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct connection *connection = connection_of_stream(stream);
    struct loop *loop = connection->loop;
    if (!connection->quick.wanted) {
        (void)stop_for_real(connection);
        look_what_came(connection);
        return;
    }
    if (count == UV_ENOBUFS) { /* libuv would go on */
        counter_add(&loop->metrics.cuts[CUT_MEMORY], 1);
        (void)stop_for_real(connection);
    }
    if (count < 0)
        connection->quick.watched = false;
    connection->quick.read(stream, count, buffer);
    showings_begin(loop);
    quick_streams_tell_written(&loop->streams);
}

int uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb read)
{
    struct connection *connection = connection_of_stream(stream);
    struct quick_stream *quick = &connection->quick;
    quick->alloc = alloc;
    quick->read = read;
    quick->wanted = true;
    if (quick->watched)
        return 0;
    quick->watched = true;
    return streams_of(connection)->libuv.read_start(stream, on_alloc, on_read);
}

/* libuv calls this too, to close a stream. */
int uv_read_stop(uv_stream_t *stream)
{
    struct connection *connection = connection_of_stream(stream);
    connection->quick.wanted = false;
    return uv_is_closing((uv_handle_t *)stream) ? stop_for_real(connection) : 0;
}

/* ---- one loop's ------------------------------------------------------------------------------ */

static struct libuv_streams find_libuv(void)
{
    struct libuv_streams libuv = {NULL, NULL, NULL};
    *(void **)&libuv.read_start = dlsym(RTLD_NEXT, "uv_read_start");
    *(void **)&libuv.read_stop = dlsym(RTLD_NEXT, "uv_read_stop");
    *(void **)&libuv.write = dlsym(RTLD_NEXT, "uv_write");
    CO_CHECK(libuv.read_start != NULL && libuv.read_stop != NULL && libuv.write != NULL,
             "libuv must be linked dynamically");
    return libuv;
}

void quick_streams_init(struct quick_streams *streams, uv_loop_t *uv)
{
    streams->libuv = find_libuv();
    list_init(&streams->written);
    (void)uv_idle_init(uv, &streams->more);
}

void quick_streams_close(struct quick_streams *streams)
{
    uv_close((uv_handle_t *)&streams->more, NULL);
}
