#include "server/runs/here.h"

#include "async/clock.h"

/* Enough for a short request to get as far as its first await, and for no other to go on long. */
#define FIRST_STEPS 16

static void on_run_done(struct run *run)
{
    struct hosted *hosted = run->owner;
    hosted->is_done = true;
    hosted->on_done(hosted);
}

static void on_run_say(struct run *run)
{
    struct hosted *hosted = run->owner;
    hosted->on_news(hosted);
}

int64_t here_start(struct hosted *hosted)
{
    struct loop *loop = hosted->loop;
    hosted->run->owner = hosted;
    hosted->run->on_done = on_run_done;
    hosted->run->on_say = hosted->tells_news ? on_run_say : NULL;
    run_start(hosted->run, &loop->co_uv.loop);
    co_uv_wake(&loop->co_uv);
    list_append(&loop->not_begun, &hosted->link);
    return 0;
}

static void end(struct hosted *hosted)
{
    list_remove(&hosted->link);
    run_cancel(hosted->run);
    hosted->run = NULL;
    if (!hosted->is_done)
        budget_give(hosted->connection, BUDGET_TASKS, hosted->tasks);
}

/* The bytes of a request that was just read are still in the processor's cache. */
void here_begin(struct loop *loop)
{
    while (!list_is_empty(&loop->not_begun)) {
        struct link *first = loop->not_begun.next;
        struct run *run = container_of(first, struct hosted, link)->run;
        int steps = FIRST_STEPS;
        list_remove(first);
        loop->co_uv.ran = true;
        while (steps-- > 0 && run_go_on(run, clock_now_ns()))
            ;
    }
}

const struct host run_here = {.start = here_start, .end = end};
