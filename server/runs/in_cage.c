#include "server/runs/in_cage.h"

#include "server/recorder/tape.h"
#include "server/runs/cage.h"
#include "server/runs/slab.h"

/* A slab holds the job and, behind it, the run. */
#define JOB_BYTES slab_aligned(sizeof(struct job))

static struct job *job_of(struct run *run)
{
    return (struct job *)(void *)((char *)run - JOB_BYTES);
}

static void *make_memory(size_t run_bytes)
{
    char *slab = slab_new(JOB_BYTES + run_bytes);
    return slab == NULL ? NULL : slab + JOB_BYTES;
}

/* ---- on the cage's thread -------------------------------------------------------------------- */

static void on_job_say(struct run *run)
{
    loop_notify(run->owner);
}

/* The tape is this thread's alone: a job that is abandoned in the queue has noted nothing. */
static void on_job_served(struct job *job)
{
    if (job->run->record != NULL)
        tape_hand_over(job->run->record);
}

static void on_job_return(struct job *job)
{
    struct loop *loop = job->run->owner;
    (void)pthread_mutex_lock(&loop->lock);
    list_append(&loop->returned, &job->link);
    (void)pthread_mutex_unlock(&loop->lock);
    loop_notify(loop);
}

/* ---- on the loop's --------------------------------------------------------------------------- */

static int64_t start(struct hosted *hosted)
{
    struct loop *loop = hosted->loop;
    struct job *job = job_of(hosted->run);
    *job = (struct job){
        .run = hosted->run,
        .owner = hosted,
        .on_served = on_job_served,
        .on_return = on_job_return,
        .duration_ns = plan_duration_ns(&hosted->run->timeline->plan),
    };
    hosted->run->owner = loop;
    hosted->run->on_say = hosted->tells_news ? on_job_say : NULL;
    int64_t full_seconds = cage_submit(loop->shared->cage, job);
    if (full_seconds > 0)
        return full_seconds;
    loop->jobs_out++;
    list_append(&loop->caged, &hosted->link);
    return 0;
}

static void end(struct hosted *hosted)
{
    struct loop *loop = hosted->loop;
    struct job *job = job_of(hosted->run);
    bool is_out = list_has(&hosted->link);
    list_remove(&hosted->link);
    hosted->run = NULL;
    if (!hosted->is_done)
        budget_give(hosted->connection, BUDGET_TASKS, hosted->tasks);
    if (!is_out) { /* it has come back, or was never taken */
        slab_free(job, &loop->co_uv);
        return;
    }
    /* It comes back in time, and then belongs to nobody: in_cage_look() frees it. */
    job->owner = NULL;
    cage_abandon(loop->shared->cage, job);
}

/* NULL: none has come back. */
static struct job *take_returned(struct loop *loop)
{
    struct job *job = NULL;
    (void)pthread_mutex_lock(&loop->lock);
    if (!list_is_empty(&loop->returned)) {
        job = container_of(loop->returned.next, struct job, link);
        list_remove(&job->link);
    }
    (void)pthread_mutex_unlock(&loop->lock);
    return job;
}

void in_cage_look(struct loop *loop)
{
    list_each(&loop->caged, at)
    {
        struct hosted *hosted = container_of(at, struct hosted, link);
        if (hosted->tells_news)
            hosted->on_news(hosted);
    }
    for (struct job *job; (job = take_returned(loop)) != NULL;) {
        struct hosted *hosted = job->owner;
        loop->jobs_out--;
        if (hosted == NULL) { /* nobody waits for it any more */
            slab_free(job, &loop->co_uv);
            continue;
        }
        list_remove(&hosted->link);
        hosted->is_done = true;
        hosted->on_done(hosted);
    }
}

const struct host run_in_cage = {.make_memory = make_memory, .start = start, .end = end};
