#include "server/http2/engine.h"

#include "async/check.h"
#include <stdlib.h>

/* Replies that a client does not take: it is not read any more long before (input.c). */
#define REPLIES_NEVER 100000

/* ---- memory ---------------------------------------------------------------------------------- */

/*
 * Each session of nghttp2 keeps 16 KiB for the one frame that it is making, and that only while
 * nghttp2_session_mem_send() makes it and its caller copies it away. So one room is enough for all
 * sessions of a loop, and a connection that waits is half as large: whatever asks for so much while
 * a session is being made gets it. The second room, which a header block over 16 KiB would need, is
 * a session's own.
 */
static void *resize(void *memory, size_t size, void *user_data)
{
    struct engine *engine = user_data;
    if (engine->is_opening && memory == NULL && size >= 16384 && size <= sizeof engine->frame_room)
        return engine->frame_room;
    CO_CHECK(memory != engine->frame_room, "nghttp2 wants a frame of more than it ever makes");
    return realloc(memory, size);
}

static void *get_memory(size_t size, void *user_data)
{
    return resize(NULL, size, user_data);
}

static void *get_zeroed(size_t count, size_t size, void *user_data)
{
    (void)user_data;
    return calloc(count, size);
}

static void free_memory(void *memory, void *user_data)
{
    struct engine *engine = user_data;
    if (memory != engine->frame_room)
        free(memory);
}

/* ---- options --------------------------------------------------------------------------------- */

static void set_options(nghttp2_option *options)
{
    /* Windows open as we say, not as bytes come: a body that was refused is not asked for. */
    nghttp2_option_set_no_auto_window_update(options, 1);
    /* limits.h counts what is reset, by whichever side. */
    nghttp2_option_set_stream_reset_rate_limit(options, 1000000000, 1000000000);
    nghttp2_option_set_max_outbound_ack(options, REPLIES_NEVER);
    /* It would keep up to a hundred streams that are over, for a tree of priorities. */
    nghttp2_option_set_no_closed_streams(options, 1);
}

struct engine *engine_new(void)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return NULL;
    engine->memory = (nghttp2_mem){engine, get_memory, free_memory, get_zeroed, resize};
    list_init(&engine->talking);
    if (nghttp2_session_callbacks_new(&engine->callbacks) == 0 &&
        nghttp2_option_new(&engine->options) == 0) {
        set_options(engine->options);
        return engine;
    }
    engine_free(engine);
    return NULL;
}

void engine_free(struct engine *engine)
{
    while (engine->output_count > 0)
        free(engine->outputs[--engine->output_count]);
    nghttp2_session_callbacks_del(engine->callbacks);
    nghttp2_option_del(engine->options);
    free(engine);
}

nghttp2_session *engine_open(struct engine *engine, void *user_data)
{
    nghttp2_session *session = NULL;
    engine->is_opening = true;
    int error = nghttp2_session_server_new3(&session, engine->callbacks, user_data, engine->options,
                                            &engine->memory);
    engine->is_opening = false;
    return error == 0 ? session : NULL;
}

uint8_t *engine_take_output(struct engine *engine)
{
    if (engine->output_count > 0)
        return engine->outputs[--engine->output_count];
    return malloc(OUTPUT_ROOM_BYTES);
}

void engine_give_output(struct engine *engine, uint8_t *output)
{
    if (engine->output_count < OUTPUTS_KEPT)
        engine->outputs[engine->output_count++] = output;
    else
        free(output);
}
