/*
 * Reads the text of a plan, such as "parallel(3*hi(1s), timeout(300ms, hi(2s)))", and finds what is
 * wrong with it, and where. docs/plans.md is its manual. The stack does not grow with the text.
 *
 * Thread: any; no state. Memory: read_plan() allocates, and tree_free() gives back.
 */
#pragma once

#include "plans/tree.h"
#include "text/text.h"

/* How long a text may be. */
#define PLAN_BYTES 65536

struct plan_limits {
    int64_t default_delay_ns; /* of hi and fail without one */
    int64_t max_delay_ns;
    int64_t max_count; /* repeats of one item */
};

enum plan_fault_kind {
    PLAN_TOO_LONG,     /* the text */
    PLAN_UNEXPECTED,   /* `expected` should stand there */
    PLAN_UNKNOWN_WORD, /* `expected` may be meant, or is NULL */
    PLAN_BAD_REPEAT,
    PLAN_BAD_NUMBER,
    PLAN_BAD_DELAY,
    PLAN_DELAY_TOO_LONG,
    PLAN_TOO_DEEP,
    PLAN_ONE_ONLY, /* `expected` takes one plan; NULL: there is one plan */
    PLAN_NO_MEMORY,
};

/* What is wrong, and the bytes where it is. */
struct plan_fault {
    enum plan_fault_kind kind;
    size_t at;     /* from 0 */
    size_t length; /* 0 at the end of the text */
    const char *expected;
};

/* Makes the tree that `text` says; its numbers are still to be worked out. False: `fault` says why
   not, and there is nothing to free. */
bool plan_read(struct text text, const struct plan_limits *limits, struct tree *tree,
               struct plan_fault *fault);

void tree_free(struct tree *tree);

/* Where a byte of a text stands for people: lines and columns count from 1. */
struct plan_position {
    size_t line;
    size_t column;
    bool is_only_line;
};

struct plan_position plan_position(struct text text, size_t at);
