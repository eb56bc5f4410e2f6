/*
 * Errors as application/problem+json (RFC 9457), each with a sentence that says what was wrong,
 * what was given and what is allowed. The document alone; answer.h sends it.
 *
 * Thread: the request's loop. A problem is filled in on the stack and sent or dropped.
 */
#pragma once

#include "server/base/h2o.h"
#include <stdint.h>

#define PROBLEM_DETAIL_BYTES 512

struct problem {
    int status;
    const char *parameter; /* the query parameter at fault, or NULL */
    bool has_bounds;       /* the next three count */
    bool in_seconds;       /* the bounds are durations in nanoseconds, shown in seconds */
    int64_t minimum;
    int64_t maximum;
    size_t line; /* where it is in the parameter's text, from 1; 0: not said */
    size_t column;
    int64_t retry_after_seconds;       /* becomes a Retry-After if it is above 0 */
    const char *allow;                 /* the methods that are allowed, or NULL */
    char detail[PROBLEM_DETAIL_BYTES]; /* the sentence */
};

/* Fills in a problem; `parameter` may be NULL. Returns false, for a check to end with
   `return refuse(...)`. */
bool refuse(struct problem *problem, int status, const char *parameter, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Room for what problem_quote() writes. */
#define PROBLEM_QUOTE_BYTES 200

/* Makes a client's bytes fit for a message: cut at 60, with all but printable ASCII as %XX.
   Returns `quoted`. */
const char *problem_quote(const char *bytes, size_t length, char quoted[PROBLEM_QUOTE_BYTES]);

/* The document as JSON text, in memory of the pool. */
h2o_iovec_t problem_document(h2o_mem_pool_t *pool, const struct problem *problem);
