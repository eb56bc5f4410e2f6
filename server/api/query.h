/*
 * The query of a request: read strictly, so that a typo never silently means the default.
 * Thread: the request's loop; memory comes from the request's pool.
 */
#pragma once

#include "config/config.h"
#include "server/http/problem.h"
#include "text/duration.h"
#include "views/view.h"

enum parameter {
    PARAMETER_DELAY,
    PARAMETER_COUNT,
    PARAMETER_SLEEP,
    PARAMETER_TIMELINE,
    PARAMETER_FORMAT,
    PARAMETERS,
};

/* The one list of what a query may say, and of the ways to sleep. */
extern const char *const parameter_names[PARAMETERS];
extern const char *const sleep_names[SLEEP_MODES];

#define DEFAULT_DELAY_NS NS_PER_SECOND
#define DEFAULT_COUNT    3

struct query {
    struct plan plan;
    const struct view *view; /* NULL when `format` was not given */
};

/*
 * Fills in `query` from the `length` bytes after the '?' and the defaults, checked against the
 * limits in `config`. False: `problem` says which parameter is wrong, what was given and what is
 * allowed.
 */
bool query_parse(const char *text, size_t length, const struct endpoint *endpoint,
                 const struct config *config, h2o_mem_pool_t *pool, struct query *query,
                 struct problem *problem);
