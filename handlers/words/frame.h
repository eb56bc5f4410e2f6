/*
 * What each word of a plan has in its frame, and how it finds its children. A word's body reads
 * like the Python beside it; `await(co_gather(co, CHILDREN(co)))` is await
 * asyncio.gather(*children).
 *
 * Memory: the frames of a whole plan lie in its run's memory, each where its tree says. A frame
 * lasts as long as the run: an orphan outlives its parent.
 * Thread: the run's loop.
 */
#pragma once

#include "handlers/inside.h"

/* Always the first member of a word's frame. */
struct word_frame {
    struct co co;
    uint32_t at;       /* its node in the tree */
    uint32_t task;     /* its first task, from 1 */
    uint32_t instance; /* its number among all that this node stands for and that have frames */
    uint32_t i;        /* for a loop of its own */
};

/* Children as those awaitables take them that begin several at once. */
#define CHILDREN(co) word_child, word_child_frame((co), 0), word_stride(co), word_children(co)

/* The body of the whole plan. */
void word_top(struct co *co);

/* The body of every child: it finds its word, and goes on as that. */
void word_child(struct co *co);

/* The frame of the n-th child; of a retry, of the n-th try. */
struct co *word_child_frame(const struct co *co, uint32_t n);

/* From one child's frame to the next. */
size_t word_stride(const struct co *co);

/* How many children it has, repeats counted. */
uint32_t word_children(const struct co *co);

/* The number of a leaf, from 1; of another word, that of its first. Also of those endpoints that
   have no tree. */
uint32_t task_of(const struct co *co);

/* What stands before its plans: a delay in nanoseconds, or how many. */
int64_t word_number(const struct co *co);

/* Finds its place in the plan; its parent has found its own. */
void word_find(struct co *co);

/* The body of what waits for room in a limit, and has the same place as its parent. */
void word_inner(struct co *co);
