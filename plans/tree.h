/*
 * A plan as a tree, with all numbers that follow from it: how many tasks there are, how they are
 * numbered, how long they take at most, and where in a piece of memory each coroutine's frame lies.
 *
 * Memory: a tree points to nothing but its nodes and its text, and can be copied with them. The
 * nodes stand level by level, the siblings side by side, so that the n-th child is found by
 * halving. A repeat, N*, is one node however large N is. Whoever made a tree owns all three.
 *
 * Thread: any; a finished tree does not change.
 */
#pragma once

#include "plans/words.h"
#include <stdbool.h>

/* How deep words may stand in words. */
#define TREE_DEPTH 32

struct tree_node {
    /* What was written. */
    enum word word;
    uint32_t repeat;  /* N*: it stands for so many children of its parent */
    uint32_t text_at; /* where its word stands in the text that was read, from 0 */
    int64_t number;   /* a delay in nanoseconds, or how many; 0 where it takes nothing */
    uint32_t parent;  /* its index; the first node's is 0 */
    uint32_t first;   /* the index of its first child */
    uint32_t items;   /* how many nodes its children are, repeats aside */
    /* What follows for one of its repeats. */
    uint32_t children;  /* repeats counted */
    uint32_t tasks;     /* how many leaves there are, itself if it is one */
    uint32_t groups;    /* how many that are no leaves */
    uint32_t runs;      /* how often leaves may run: retry repeats them */
    uint32_t ranges;    /* of leaves, a repeat being one */
    uint32_t in_flight; /* how many leaves may wait at once */
    int64_t longest_ns;
    bool leaves_behind; /* something below may still live when it has ended */
    /* The same sums over the siblings before it. */
    uint32_t children_before;
    uint32_t tasks_before;
    uint32_t groups_before;
    uint32_t ranges_before;
    /* Frames of its children: of its first instance from `frames_at` on, then of the next. */
    uint32_t copies;        /* it has so many frames for each instance of its parent */
    uint32_t copies_before; /* of its siblings */
    uint32_t stride_bytes;  /* from one child's frame to the next */
    uint32_t frames;        /* how many frames its children have */
    size_t frames_at;
};

struct tree {
    struct tree_node *nodes;
    uint32_t node_count;
    char *text; /* as it would be written in full: "parallel(2*hi(1s),fail(500ms))" */
    size_t text_bytes;
    size_t frame_bytes; /* of all frames */
};

/*
 * Fills in what follows from what was written. `word_bytes` are the sizes of the words' frames;
 * `wrap_bytes` is what each child of a `limit` has in front of its own. Sums that are too large
 * stay at UINT32_MAX, INT64_MAX or SIZE_MAX.
 */
void tree_work_out(struct tree *tree, const size_t word_bytes[WORDS], size_t wrap_bytes);

/* A child of an instance of a node. */
struct tree_child {
    uint32_t at;    /* its node */
    uint32_t nth;   /* its number among that node's repeats */
    uint32_t first; /* its first task, from 0 among its parent's */
};

/* The n-th child, from 0, of any instance of the node `at`. */
struct tree_child tree_child(const struct tree *tree, uint32_t at, uint32_t n);

/* Of a task, from 1: its node. */
uint32_t tree_leaf(const struct tree *tree, uint32_t task);

/* One word where it stands in the plan, all repeats written out. */
struct tree_place {
    uint32_t at;           /* its node */
    uint32_t task;         /* its first task, from 1 */
    uint32_t group;        /* its number among those that are no leaves, from 1; 0 for a leaf */
    uint32_t parent_group; /* 0: it is the whole plan */
};

/* Of a group's number, from 1. */
struct tree_place tree_group(const struct tree *tree, uint32_t group);

/* The n-th range of leaves, from 0: a repeated leaf, as often as its parent stands there. */
struct tree_place tree_range(const struct tree *tree, uint32_t n);

/* Where the instance of the node `at` stands that has this first task. */
struct tree_place tree_place_of(const struct tree *tree, uint32_t at, uint32_t task);
