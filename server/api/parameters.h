/*
 * What a query may say: the one table of parameters. From it follow what query.c reads, what its
 * messages name, and what /openapi.json lists. A new parameter is a member of struct plan, and a
 * row here with its reader. Thread: the request's loop.
 */
#pragma once

#include "server/api/reading.h"

struct parameter {
    const char *name;  /* NULL at the table's end */
    const char *about; /* what it does, for /openapi.json */
    /* The endpoints that it is for, and what is said of the others; NULL: it is for all. */
    bool (*is_for)(const struct endpoint *endpoint);
    const char *why_not;        /* of an endpoint that has a shape of its own */
    bool is_list;               /* its value may be several, with commas */
    const char *const *choices; /* all it may be, the default first, then NULL; or NULL */
    /* Puts what was given into reading->query. False: reading->problem says what is wrong. */
    bool (*read)(struct reading *reading, struct text given);
    /* What is no choice: puts its schema and examples into what /openapi.json says of it. */
    void (*describe)(const struct config *config, json_t *description);
};

extern const struct parameter parameters[];
