/*
 * A connection's bytes, with no system call but the read and the write.
 *
 * For every HTTP/1 request libh2o stops reading, writes, and starts reading again; libuv makes two
 * epoll_ctl(2) of that and finishes the write in its next iteration. This module stands between the
 * two: it defines uv_read_start(), uv_read_stop() and uv_write(), so that libh2o calls them here.
 *
 *     a stop     is only noted, and carried out when bytes come that nobody wants yet;
 *     a write    is tried at once; only what the kernel does not take is left to libuv;
 *     a read     is followed through: parsed, run, answered and cleared away while its bytes are in
 *                the processor's cache, before the next connection is served.
 *
 * docs/decisions/0014-quick-stream.md: what it saves, and why it is safe.
 *
 * Every libuv stream that is read or written in this program is the `tcp` of a struct quick_stream.
 * Owner: a connection embeds its stream, a loop its streams. Thread: the loop's.
 */
#pragma once

#include "server/base/list.h"
#include <uv.h>

/* libuv's functions of these names, which ours hide. */
struct libuv_streams {
    int (*read_start)(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb read);
    int (*read_stop)(uv_stream_t *stream);
    int (*write)(uv_write_t *write, uv_stream_t *stream, const uv_buf_t *buffers, unsigned count,
                 uv_write_cb on_written);
};

struct quick_stream;

/* One loop's. The four hooks are set after quick_streams_init(), and before anything is opened. */
struct quick_streams {
    struct libuv_streams libuv;
    struct link written; /* those whose write is done, and libh2o not told yet */
    uv_idle_t more;      /* active while there are some: the loop does not wait then */
    /* libh2o wants bytes: of a request that begins, or of one's body. */
    void (*on_wanted)(struct quick_stream *stream);
    /* Some bytes came, or the end, while libh2o wanted none. They stay unread, and this is not told
       again until libh2o wants some. */
    void (*on_unwanted)(struct quick_stream *stream);
    /* libh2o has handled what was read: begins what came of it. */
    void (*on_handled)(struct quick_streams *streams);
    /* Returns one buffer to be written in the place of these; NULL: these are. */
    const uv_buf_t *(*replace)(struct quick_stream *stream, const uv_buf_t *buffers,
                               unsigned count);
};

/* One connection's; zeroed at the start. */
struct quick_stream {
    uv_tcp_t tcp; /* libuv and libh2o know the stream by it */
    struct quick_streams *streams;
    uv_alloc_cb alloc; /* libh2o's, for reading */
    uv_read_cb read;
    bool wanted;  /* libh2o wants bytes */
    bool watched; /* libuv looks out for them */
    struct link written;
    uv_write_t *write; /* done, and its callback */
    uv_write_cb on_written;
};

void quick_streams_init(struct quick_streams *streams, uv_loop_t *uv);
void quick_streams_close(struct quick_streams *streams);

/* Tells libh2o of the writes that are done. Not to be called out of libh2o. */
void quick_streams_tell_written(struct quick_streams *streams);

/* The same, before each wait for events, so that none is forgotten over it. */
void quick_streams_end_iteration(struct quick_streams *streams);

/* Takes over a connected descriptor. False: close the tcp handle, and the descriptor is still the
   caller's. */
bool quick_stream_open(struct quick_stream *stream, struct quick_streams *streams, int fd);

int quick_stream_fd(const struct quick_stream *stream);
