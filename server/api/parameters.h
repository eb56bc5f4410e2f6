/*
 * What a query may say: the one table of parameters. From it follow what query.c reads, what its
 * messages name, and what /openapi.json lists. A new parameter is a member of struct plan, and a
 * row here with its reader. Thread: the request's loop.
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

struct parameter {
    const char *name;  /* NULL at the table's end */
    const char *about; /* what it does, for /openapi.json */
    /* The endpoints that it is for, and what is said of the others; NULL: it is for all. */
    bool (*is_for)(const struct endpoint *endpoint);
    const char *why_not;
    bool is_list;               /* its value may be several, with commas */
    const char *const *choices; /* all it may be, the default first, then NULL; or NULL */
    /* Puts what was given into reading->query. False: reading->problem says what is wrong. */
    bool (*read)(struct reading *reading, struct text given);
    /* What is no choice: puts its schema and examples into what /openapi.json says of it. */
    void (*describe)(const struct config *config, json_t *description);
};

extern const struct parameter parameters[];
