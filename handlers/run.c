#include "handlers/run.h"

_Static_assert(offsetof(struct run, scope) == 0, "a run begins with its scope");

static size_t align(size_t bytes)
{
    return (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

/* In a run's memory the frames follow the run, and the timeline follows them. */
static size_t timeline_at(const struct plan *plan)
{
    size_t frame_bytes =
        plan->endpoint->frame_bytes + plan->count * plan->endpoint->frame_bytes_each;
    return align(sizeof(struct run)) + align(frame_bytes);
}

size_t run_bytes(const struct plan *plan)
{
    return timeline_at(plan) + timeline_bytes(plan);
}

struct run *run_init(void *memory, const struct plan *plan, int64_t started_ns)
{
    char *base = memory;
    struct run *run = memory;
    *run = (struct run){
        .started_ns = started_ns,
        .timeline = timeline_init(base + timeline_at(plan), plan),
        .top = (struct co *)(void *)(base + align(sizeof(struct run))),
    };
    return run;
}

static struct run *run_of(const struct co *co)
{
    return (struct run *)co_scope_of(co);
}

static void on_scope_done(struct co_scope *scope)
{
    struct run *run = (struct run *)scope;
    run->timeline->elapsed_ns = scope->loop->now_ns - run->started_ns;
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
}

void run_start(struct run *run, struct co_loop *loop)
{
    const struct plan *plan = &run->timeline->plan;
    co_body *body = plan->endpoint->bodies[plan->sleep];
    run->scope.loop = loop;
    run->scope.on_done = on_scope_done;
    run->scope.on_cancelled = on_scope_cancelled;
    run->scope.on_never_awaited = on_never_awaited;
    co_start(&run->scope, body != NULL ? body : plan->endpoint->bodies[SLEEP_AWAITED], run->top);
}

bool run_go_on(struct run *run, int64_t now_ns)
{
    return co_scope_step(&run->scope, now_ns);
}

void run_cancel(struct run *run)
{
    co_cancel(run->top);
}

void run_cancel_in_turns(struct run *run)
{
    run->on_say = NULL;
    co_cancel_scope(&run->scope);
}

void say(struct co *co, const char *text)
{
    struct run *run = run_of(co);
    timeline_say(run->timeline, co_now_ns(co) - run->started_ns, co_nth(co) + 1, text);
    if (run->on_say != NULL)
        run->on_say(run);
}

/* A task beyond the list waits as long as the first. */
int64_t delay_of(const struct co *co)
{
    const struct plan *plan = &run_of(co)->timeline->plan;
    return plan->delays_ns[co_nth(co) < plan->delay_count ? co_nth(co) : 0];
}

uint32_t count_of(const struct co *co)
{
    return run_of(co)->timeline->plan.count;
}

enum sleep_mode sleep_of(const struct co *co)
{
    return run_of(co)->timeline->plan.sleep;
}

void block(struct co *co, int64_t duration_ns)
{
    int64_t before_ns = co_now_ns(co);
    co_block(co, duration_ns);
    run_of(co)->timeline->blocked_ns += co_now_ns(co) - before_ns;
}
