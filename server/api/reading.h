/*
 * A query while it is read, and what it comes to. Thread: the request's loop.
 */
#pragma once

#include "config/config.h"
#include "handlers/plan.h"
#include "server/http/problem.h"
#include "text/duration.h"
#include "text/text.h"
#include "views/view.h"
#include <jansson.h>

/* As many as the table may hold. */
#define PARAMETERS_MOST 8

/* Rows that are read together. */
enum { PARAMETER_DELAY, PARAMETER_COUNT, PARAMETER_PLAN };

#define DEFAULT_DELAY_NS NS_PER_SECOND
#define DEFAULT_COUNT    3

/* What a query comes to. */
struct query {
    struct plan plan;
    const struct view *view; /* NULL when `format` was not given */
};

/* A query while it is read. */
struct reading {
    const struct config *config;
    h2o_mem_pool_t *pool;               /* for what the plan points to */
    struct text given[PARAMETERS_MOST]; /* of each row, decoded; bytes are NULL where none was */
    struct query *query;                /* holds the defaults until something else is read */
    struct problem *problem;            /* what is wrong */
};
