/*
 * Reading of application/x-www-form-urlencoded (WHATWG URL Standard, section 5.1), the form of a
 * query. Thread: any.
 */
#pragma once

#include "server/base/h2o.h"
#include "text/text.h"

/*
 * Takes the next NAME=VALUE off the front of `rest`, with %XX and '+' undone: in memory of the
 * pool, or, where there is none of them, in place. Without a '=' the value is empty, but not NULL;
 * a '%' without two hexadecimal digits stands for itself. False: there is no more.
 */
bool urlencoded_next(h2o_mem_pool_t *pool, struct text *rest, struct text *name,
                     struct text *value);
