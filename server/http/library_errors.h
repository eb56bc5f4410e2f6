/*
 * Errors that libh2o makes itself (a broken chunk, a body that is too large, ...) as problem+json
 * too. Its answer to a request line or header that it cannot parse goes past all filters as fixed
 * bytes: guard/not_http.h sees to that one. Thread: the request's loop; library_errors_register()
 * is the main one's.
 */
#pragma once

#include "server/base/h2o.h"

/* Comes before any h2o_context_init(). */
void library_errors_register(h2o_pathconf_t *path);
