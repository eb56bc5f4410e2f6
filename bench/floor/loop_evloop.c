#include "bench/floor/loop.h"

#include <stdlib.h>

/* Of one readiness, before the connections have their turn. */
#define ACCEPTS_AT_ONCE 64

static void on_acceptable(h2o_socket_t *listener, const char *error)
{
    h2o_accept_ctx_t *accept = listener->data;
    for (int i = 0; error == NULL && i < ACCEPTS_AT_ONCE; i++) {
        h2o_socket_t *connection = h2o_evloop_socket_accept(listener);
        if (connection == NULL)
            return;
        h2o_accept(accept, connection);
    }
}

_Noreturn void loop_serve(h2o_globalconf_t *config, int listener_fd)
{
    h2o_context_t context; /* for ever: this function does not return */
    h2o_evloop_t *loop = h2o_evloop_create();
    h2o_context_init(&context, loop, config);
    h2o_accept_ctx_t accept = {.ctx = &context, .hosts = config->hosts};
    h2o_socket_t *listener = h2o_evloop_socket_create(loop, listener_fd, H2O_SOCKET_FLAG_DONT_READ);
    listener->data = &accept;
    h2o_socket_read_start(listener, on_acceptable);
    while (h2o_evloop_run(loop, INT32_MAX) == 0)
        ;
    abort();
}
