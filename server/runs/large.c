#include "server/runs/large.h"

#include "server/runs/here.h"
#include "server/runs/slab.h"

static void on_cancelled(struct run *run)
{
    struct loop *loop = run->owner;
    budget_give_rest(loop->shared, BUDGET_TASKS, plan_tasks(&run->timeline->plan));
    slab_free(run, &loop->co_uv);
}

/* The request does not wait for it. Its tasks count as in flight until they are gone. */
static void end(struct hosted *hosted)
{
    struct loop *loop = hosted->loop;
    struct run *run = hosted->run;
    list_remove(&hosted->link);
    hosted->run = NULL;
    if (hosted->is_done) {
        slab_free(run, &loop->co_uv);
        return;
    }
    budget_leave(hosted->connection, BUDGET_TASKS, hosted->tasks);
    run->owner = loop;
    run->on_cancelled = on_cancelled;
    run_cancel_in_turns(run);
    co_uv_wake(&loop->co_uv);
}

const struct host run_large = {.make_memory = slab_new, .start = here_start, .end = end};
