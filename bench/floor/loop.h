/*
 * The event loop under the constant answer: libuv (loop_uv.c) or libh2o's own (loop_evloop.c).
 *
 * libh2o is built once for each, with other types behind the same names; a program includes its
 * headers with the H2O_USE_LIBUV of the library that it links. One thread.
 */
#pragma once

#include <h2o.h>

/* Serves what `config` has registered, on the bound and listening socket `listener_fd`. Does not
   return; exits the process when the loop cannot be set up. */
_Noreturn void loop_serve(h2o_globalconf_t *config, int listener_fd);
