/*
 * The cage: the one event-loop thread on which sleep=blocking may do its harm.
 *
 * Jobs run there one after another and hold each other up, exactly as they would in the article. No
 * other loop notices (docs/decisions/0006-the-cage.md). The queue is bounded; a job that is
 * abandoned (its client left, the server stops) is woken from its blocking sleep and dropped.
 *
 * Owner: struct server has the cage. A loop makes a job and gives it to the cage, which gives it
 * back through on_return(), always, exactly once. In between the loop may call cage_abandon(), and
 * read the timeline by the rules of timeline.h.
 * Thread: any submits and abandons; on_say() and on_return() are called on the cage's thread,
 * on_return() also on that of cage_abandon().
 */
#pragma once

#include "handlers/run.h"
#include "server/base/list.h"
#include <pthread.h>

struct job {
    struct link link; /* in the cage's queue; once it has come back, its owner's */
    struct run *run;  /* owner and on_done are the cage's; on_say is the submitter's */
    int64_t duration_ns;
    void (*on_served)(struct job *job); /* it has run: on the cage's thread, before it comes back */
    void (*on_return)(struct job *job); /* on the cage's, or on that of cage_abandon()'s caller */
    void *owner;
    bool waiting;   /* it is in the cage's queue; under the cage's lock */
    bool abandoned; /* nobody wants it any more; under the cage's lock */
};

struct cage {
    struct co_loop loop; /* the thread's own */
    pthread_t thread;
    pthread_mutex_t lock;   /* guards all that follows */
    pthread_cond_t changed; /* a job has come or was abandoned, or the cage stops */
    struct link waiting;    /* struct job: not begun yet */
    struct job *running;
    int64_t waiting_ns; /* what the waiting jobs will take together */
    int64_t free_at_ns; /* when the running one is expected to end */
    int64_t count;      /* running and waiting */
    int64_t capacity;
    bool stopping;
};

/* Starts the thread. Returns 0 or an errno. */
int cage_start(struct cage *cage, int64_t capacity);

/* Takes the job and returns 0; or returns in how many seconds the queue should have room for it. */
int64_t cage_submit(struct cage *cage, struct job *job);

/* The job is no longer wanted. It comes back soon, or already has within this call. */
void cage_abandon(struct cage *cage, struct job *job);

/* Ends the thread. Every job must have come back. */
void cage_stop(struct cage *cage);
