/*
 * A run, and where it runs: on this loop in its request's own memory (here.c), on this loop in a
 * slab that is given back in slices (large.c), in the cage (in_cage.c), or on a clock of its own
 * (on_virtual_clock.c). A host starts the run,
 * tells of it, and ends it; whoever shows the run need not know which it is.
 *
 * Owner: whoever shows the run embeds the struct hosted, and calls its host's end() once before
 * that memory goes. Thread: the loop's.
 */
#pragma once

#include "handlers/run.h"
#include "server/loop/budget.h"

struct hosted;

struct host {
    /* Makes memory for a run, which end() gives back; returns NULL where there is none. Where the
       function itself is NULL, the run lies in its request's memory. */
    void *(*make_memory)(size_t run_bytes);
    /* Starts the run and returns 0, or returns in how many seconds there should be room for it.
       end() must be called all the same. */
    int64_t (*start)(struct hosted *hosted);
    /* Gives the run up, if it is not done, and its tasks and memory back: now, or in time. */
    void (*end)(struct hosted *hosted);
};

struct hosted {
    const struct host *host;
    struct loop *loop;
    struct connection *connection;
    struct run *run;                        /* NULL once it has ended */
    int64_t tasks;                          /* so many of max_tasks are its own until it is done */
    bool is_done;                           /* the run has said all that it will say */
    bool tells_news;                        /* on_news is wanted */
    struct link link;                       /* in loop->not_begun or loop->caged */
    void (*on_news)(struct hosted *hosted); /* called when something new was said */
    void (*on_done)(struct hosted *hosted); /* called last, once is_done */
};
