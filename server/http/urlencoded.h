/*
 * Decoding of application/x-www-form-urlencoded (WHATWG URL Standard, section 5.1), the form of a
 * query. Thread: any.
 */
#pragma once

#include "server/base/h2o.h"
#include "text/text.h"

/* Undoes %XX and '+': in memory of the pool, or, where there is none of them, in place. A '%'
   without two hexadecimal digits stands for itself. */
struct text urlencoded_decode(h2o_mem_pool_t *pool, struct text raw);
