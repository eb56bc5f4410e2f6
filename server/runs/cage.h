/*
 * The cage: the one event-loop thread on which sleep=blocking may do its harm.
 *
 * Jobs run there one after another and hold each other up, exactly as they would in the article. No
 * other loop notices. The queue is bounded; a job that is abandoned (its client left, the server
 * stops) is woken from its blocking sleep and dropped.
 *
 * Owner: a loop thread makes a job and gives it to the cage, which gives it back through
 * on_return(), always, exactly once. In between only cage_abandon() and the run's own rules for a
 * second thread (run.h) apply. Thread: any thread submits and abandons; on_say() and on_return()
 * are called on the cage's thread, on_return() also on that of cage_abandon().
 */
#pragma once

#include "handlers/run.h"
#include "server/base/list.h"
#include <pthread.h>

struct job {
    struct link link; /* in the cage's queue; once it has come back, its owner's */
    struct run *run;  /* owner and on_done are the cage's; on_say is the submitter's */
    int64_t duration_ns;
    void (*on_return)(struct job *job);
    void *owner;
    bool waiting;   /* in the cage's queue, */
    bool abandoned; /* not wanted any more; both under the cage's lock */
};

struct cage {
    struct co_loop loop;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all that follows */
    pthread_cond_t changed;
    struct link waiting;
    struct job *running;
    int64_t waiting_ns; /* what the waiting jobs will take together */
    int64_t free_at_ns; /* when the running one is expected to end */
    int64_t count;      /* running and waiting */
    int64_t capacity;
    bool stopping;
};

/* Starts the thread. Returns 0 or an errno. */
int cage_start(struct cage *cage, int64_t capacity);

/* False when the queue is full; `retry_after_seconds` then says when there should be room. */
bool cage_submit(struct cage *cage, struct job *job, int64_t *retry_after_seconds);

/* The job is no longer wanted. It comes back soon, or already has within this call. */
void cage_abandon(struct cage *cage, struct job *job);

/* Ends the thread. Every job must have come back. */
void cage_stop(struct cage *cage);
