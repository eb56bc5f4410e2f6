/*
 * Errors that libh2o makes itself (a broken chunk, a body that is too large, ...) as problem+json
 * too. Not within reach: its answer to a request line or header that it cannot parse, which it
 * writes past all filters as fixed bytes.
 */
#pragma once

#include "server/base/h2o.h"

/* Before any h2o_context_init(). */
void library_errors_register(h2o_pathconf_t *path);
