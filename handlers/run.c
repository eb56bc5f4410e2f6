#include "handlers/run.h"

#include "handlers/states.h"

_Static_assert(offsetof(struct run, scope) == 0, "a run begins with its scope");

static size_t align(size_t bytes)
{
    return (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

/* In a run's memory the frames follow the run, and the timeline follows them. */
static size_t timeline_at(const struct plan *plan)
{
    const struct endpoint *endpoint = plan->endpoint;
    size_t frame_bytes = plan->tree != NULL
                             ? plan->tree->frame_bytes
                             : endpoint->frame_bytes + plan->count * endpoint->frame_bytes_each;
    return align(sizeof(struct run)) + align(frame_bytes);
}

/* Behind all else, and only where there are so many. */
static size_t crowd_bytes(const struct plan *plan)
{
    return plan_numbered_tasks(plan) > CROWD_TASKS ? sizeof(struct crowd) : 0;
}

size_t run_bytes(const struct plan *plan)
{
    return timeline_at(plan) + align(timeline_bytes(plan)) + crowd_bytes(plan);
}

struct run *run_init(void *memory, const struct plan *plan, int64_t started_ns)
{
    char *base = memory;
    struct run *run = memory;
    *run = (struct run){
        .started_ns = started_ns,
        .is_plain = plan->tree == NULL && !plan->states,
        .timeline = timeline_init(base + timeline_at(plan), plan),
        .top = (struct co *)(void *)(base + align(sizeof(struct run))),
    };
    if (crowd_bytes(plan) > 0) {
        run->crowd =
            (struct crowd *)(void *)(base + timeline_at(plan) + align(timeline_bytes(plan)));
        *run->crowd = (struct crowd){.at_ns = 0};
    }
    return run;
}

static void on_scope_done(struct co_scope *scope)
{
    struct run *run = (struct run *)scope;
    run->timeline->elapsed_ns = scope->ended_ns - run->started_ns;
    run->timeline->error = co_error(run->top);
    run->on_done(run);
}

static void on_scope_cancelled(struct co_scope *scope)
{
    struct run *run = (struct run *)scope;
    run->on_cancelled(run);
}

static void on_never_awaited(struct co_scope *scope, struct co *co)
{
    struct run *run = (struct run *)scope;
    timeline_warn(run->timeline, co_nth(co) + 1);
    if (run_has_states(run))
        state_entered(co, TASK_FORGOTTEN);
}

void run_watch(struct run *run,
               void (*on_happening)(struct run *run, const struct happening *happening),
               void *record, uint64_t number)
{
    run->on_happening = on_happening;
    run->record = record;
    run->record_number = number;
    run->is_plain = false;
}

void run_start(struct run *run, struct co_loop *loop)
{
    const struct plan *plan = &run->timeline->plan;
    co_body *body = plan->endpoint->bodies[plan->sleep];
    run->scope.loop = loop;
    run->scope.on_done = on_scope_done;
    run->scope.on_cancelled = on_scope_cancelled;
    run->scope.on_never_awaited = on_never_awaited;
    if (run_has_states(run)) {
        run->scope.on_change = states_on_change;
        run->scope.on_cancel = states_on_cancel;
    }
    co_start(&run->scope, body != NULL ? body : plan->endpoint->bodies[SLEEP_AWAITED], run->top);
}

bool run_go_on(struct run *run, int64_t now_ns)
{
    return co_scope_step(&run->scope, now_ns);
}

void run_cancel(struct run *run)
{
    co_drop_scope(&run->scope);
}

void run_cancel_in_turns(struct run *run)
{
    run->on_say = NULL;
    co_cancel_scope(&run->scope);
}
