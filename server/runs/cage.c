#include "server/runs/cage.h"

#include "async/check.h"
#include "async/clock.h"
#include "server/base/monotonic.h"

/* Blocks the thread for real; only abandoning the job ends it early. */
static int64_t block_until(struct co_loop *loop, int64_t until_ns)
{
    struct cage *cage = container_of(loop, struct cage, loop);
    struct timespec until = clock_timespec(until_ns);
    (void)pthread_mutex_lock(&cage->lock);
    while (!cage->running->abandoned && clock_now_ns() < until_ns)
        (void)pthread_cond_timedwait(&cage->changed, &cage->lock, &until);
    (void)pthread_mutex_unlock(&cage->lock);
    return clock_now_ns();
}

static void on_run_done(struct run *run)
{
    (void)run; /* serve() ends its job when the loop has nothing left to do */
}

/* With the lock held. */
static void leave_queue(struct cage *cage, struct job *job)
{
    list_remove(&job->link);
    job->waiting = false;
    cage->waiting_ns -= job->duration_ns;
}

/* The first in the queue, from its start to its return. The lock is held, but never while the run
   runs or its owner is told. */
static void serve(struct cage *cage)
{
    struct job *job = container_of(cage->waiting.next, struct job, link);
    bool goes_on = true;
    leave_queue(cage, job);
    cage->running = job;
    cage->free_at_ns = clock_now_ns() + job->duration_ns;
    job->run->on_done = on_run_done;
    run_start(job->run, &cage->loop);
    while (goes_on && !job->abandoned) {
        (void)pthread_mutex_unlock(&cage->lock);
        goes_on = co_loop_step(&cage->loop, clock_now_ns());
        (void)pthread_mutex_lock(&cage->lock);
    }
    (void)pthread_mutex_unlock(&cage->lock);
    run_cancel(job->run);
    CO_CHECK(cage->loop.live == 0, "a blocking run left coroutines behind");
    (void)pthread_mutex_lock(&cage->lock);
    cage->running = NULL;
    cage->count--;
    (void)pthread_mutex_unlock(&cage->lock);
    job->on_served(job);
    job->on_return(job);
    (void)pthread_mutex_lock(&cage->lock);
}

static void *cage_main(void *argument)
{
    struct cage *cage = argument;
    (void)pthread_mutex_lock(&cage->lock);
    while (!cage->stopping) {
        if (list_is_empty(&cage->waiting))
            (void)pthread_cond_wait(&cage->changed, &cage->lock);
        else
            serve(cage);
    }
    (void)pthread_mutex_unlock(&cage->lock);
    return NULL;
}

int cage_start(struct cage *cage, int64_t capacity)
{
    *cage = (struct cage){.capacity = capacity};
    co_loop_init(&cage->loop, clock_now_ns(), block_until);
    list_init(&cage->waiting);
    monotonic_cond_init(&cage->changed);
    (void)pthread_mutex_init(&cage->lock, NULL);
    return pthread_create(&cage->thread, NULL, cage_main, cage);
}

int64_t cage_submit(struct cage *cage, struct job *job)
{
    int64_t full_seconds = 0;
    (void)pthread_mutex_lock(&cage->lock);
    if (cage->count < cage->capacity) {
        cage->count++;
        cage->waiting_ns += job->duration_ns;
        list_append(&cage->waiting, &job->link);
        job->waiting = true;
        (void)pthread_cond_broadcast(&cage->changed);
    } else {
        int64_t left_ns = cage->free_at_ns - clock_now_ns();
        int64_t all_ns = (left_ns > 0 ? left_ns : 0) + cage->waiting_ns;
        full_seconds = all_ns / NS_PER_SECOND + 1;
    }
    (void)pthread_mutex_unlock(&cage->lock);
    return full_seconds;
}

void cage_abandon(struct cage *cage, struct job *job)
{
    (void)pthread_mutex_lock(&cage->lock);
    bool was_waiting = job->waiting;
    job->abandoned = true;
    if (was_waiting) {
        leave_queue(cage, job);
        cage->count--;
    }
    (void)pthread_cond_broadcast(&cage->changed);
    (void)pthread_mutex_unlock(&cage->lock);
    if (was_waiting)
        job->on_return(job);
}

void cage_stop(struct cage *cage)
{
    (void)pthread_mutex_lock(&cage->lock);
    CO_CHECK(cage->count == 0, "the cage was stopped with jobs in it");
    cage->stopping = true;
    (void)pthread_cond_broadcast(&cage->changed);
    (void)pthread_mutex_unlock(&cage->lock);
    (void)pthread_join(cage->thread, NULL);
    (void)pthread_cond_destroy(&cage->changed);
    (void)pthread_mutex_destroy(&cage->lock);
}
