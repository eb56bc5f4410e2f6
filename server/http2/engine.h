/*
 * What the HTTP/2 connections of one loop share: how nghttp2 is set up for them, the memory that it
 * works in, and the list of those that have something to say.
 *
 * Owner: the loop (loop->http2). Thread: the loop's.
 */
#pragma once

#include "server/base/list.h"
#include "server/loop/loop.h"
#include <nghttp2/nghttp2.h>

/* A buffer to write from: what is gathered for one write, and a frame that goes over it. */
#define OUTPUT_GATHER_BYTES 65536
#define OUTPUT_ROOM_BYTES   (OUTPUT_GATHER_BYTES + 32768)
#define OUTPUTS_KEPT        16

/* The same where max_held has no room for it. */
#define OUTPUT_SMALL_BYTES      2048
#define OUTPUT_SMALL_ROOM_BYTES 8192

/* Room for the one frame that is being made. nghttp2 asks for 16 KiB and a head. */
#define FRAME_ROOM_BYTES 16512

struct engine {
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *options;
    nghttp2_mem memory;
    struct link talking;            /* struct session: may have something to write */
    uint8_t *outputs[OUTPUTS_KEPT]; /* buffers to write from, kept for the next */
    int output_count;
    bool is_opening; /* a session is being made: its room for a frame is ours */
    uint64_t frame_room[FRAME_ROOM_BYTES / sizeof(uint64_t)];
};

/* With the options set and no callbacks yet. NULL: there is no memory. */
struct engine *engine_new(void);
void engine_free(struct engine *engine);

/* A server's session of nghttp2, which calls the engine's callbacks with `user_data`. NULL: there
   is no memory. */
nghttp2_session *engine_open(struct engine *engine, void *user_data);

/* A buffer of OUTPUT_ROOM_BYTES, or NULL; and back. */
uint8_t *engine_take_output(struct engine *engine);
void engine_give_output(struct engine *engine, uint8_t *output);
