/*
 * What a query may say: the one table of parameters. From it follow what query.c reads, what its
 * messages name, and what /openapi.json lists. A new parameter is a member of struct plan or struct
 * query, a row here, and its prose in openapi.json.
 * Thread: the request's loop.
 */
#pragma once

#include "server/api/query.h"
#include <jansson.h>

/* Room for the table's rows. */
#define PARAMETERS_MOST 8

/* A query while it is read. */
struct reading {
    const struct config *config;
    h2o_mem_pool_t *pool;               /* for what the plan points to */
    struct text given[PARAMETERS_MOST]; /* for each row, decoded; bytes are NULL without any */
    struct query *query;                /* what is understood; its endpoint is set beforehand */
    struct problem *problem;            /* what is wrong */
};

struct parameter {
    const char *name;                                /* NULL at the table's end */
    bool (*is_for)(const struct endpoint *endpoint); /* or NULL: it is for every one */
    const char *why_not; /* what is said of any other endpoint: "is always one hi()" */
    bool is_list;        /* one value may list several, with commas */
    /* Puts what was given into reading->query. False: reading->problem says what is wrong. */
    bool (*read)(struct reading *reading, const struct parameter *self, struct text given);
    /* Completes the parameter's description in openapi.json by what code and configuration know;
       NULL: it is complete. */
    void (*describe)(const struct parameter *self, const struct config *config,
                     json_t *description);
    /* Where the values are a few names: each by its index, NULL after the last; and what it means
       to choose it. */
    const char *(*choice)(size_t index);
    void (*choose)(struct query *query, size_t index);
};

extern const struct parameter parameters[];

/* After all that was given is read: fills in the defaults, and checks what the values make
   together. False: reading->problem says what is wrong. */
bool parameters_complete(struct reading *reading);
