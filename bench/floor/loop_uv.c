#include "bench/floor/loop.h"

#include <stdlib.h>
#include <uv.h>

struct floor {
    uv_loop_t uv;
    uv_tcp_t listener;
    h2o_context_t context;
    h2o_accept_ctx_t accept;
};

static void release(uv_handle_t *handle)
{
    free(handle);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct floor *at = listener->data;
    if (status != 0)
        return;
    uv_tcp_t *connection = malloc(sizeof *connection);
    if (connection == NULL || uv_tcp_init(&at->uv, connection) != 0)
        abort();
    if (uv_accept(listener, (uv_stream_t *)connection) != 0) {
        uv_close((uv_handle_t *)connection, release);
        return;
    }
    h2o_accept(&at->accept, h2o_uv_socket_create((uv_stream_t *)connection, release));
}

_Noreturn void loop_serve(h2o_globalconf_t *config, int listener_fd)
{
    struct floor at; /* for ever: this function does not return */
    if (uv_loop_init(&at.uv) != 0 || uv_tcp_init(&at.uv, &at.listener) != 0 ||
        uv_tcp_open(&at.listener, listener_fd) != 0)
        abort();
    h2o_context_init(&at.context, &at.uv, config);
    at.accept = (h2o_accept_ctx_t){.ctx = &at.context, .hosts = config->hosts};
    at.listener.data = &at;
    if (uv_listen((uv_stream_t *)&at.listener, SOMAXCONN, on_connection) != 0)
        abort();
    (void)uv_run(&at.uv, UV_RUN_DEFAULT);
    abort();
}
