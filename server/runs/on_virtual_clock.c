#include "server/runs/on_virtual_clock.h"

#include "server/runs/slab.h"

/* The run's own time. It lies in a slab, with the run behind it. */
struct world {
    struct co_loop loop;   /* the run's */
    struct co_scope scope; /* on the real loop: whoever turns that one */
    struct co co;
    struct loop *real;
    struct run *run;
    struct hosted *owner; /* NULL: nobody waits for it any more */
    bool is_over;
};

#define WORLD_BYTES slab_aligned(sizeof(struct world))

static struct world *world_of(struct run *run)
{
    return (struct world *)(void *)((char *)run - WORLD_BYTES);
}

static void *make_memory(size_t run_bytes)
{
    char *slab = slab_new(WORLD_BYTES + run_bytes);
    return slab == NULL ? NULL : slab + WORLD_BYTES;
}

/* time.sleep() in no time: the clock jumps, and nobody else is on it. */
static int64_t block_until(struct co_loop *loop, int64_t until_ns)
{
    (void)loop;
    return until_ns;
}

static void on_run_end(struct run *run)
{
    world_of(run)->is_over = true;
}

static void step(struct co_loop *loop)
{
    int64_t next_ns = co_loop_next_ns(loop);
    (void)co_loop_step(loop, next_ns > loop->now_ns ? next_ns : loop->now_ns);
}

static void turn(struct co *co)
{
    struct world *self = container_of(co, struct world, co);
    async(co) {
        while (!self->is_over) {
            step(&self->loop);
            await(co_sleep(co, 0));
        }
    }
}

static void on_over(struct co_scope *scope)
{
    struct world *world = container_of(scope, struct world, scope);
    struct hosted *hosted = world->owner;
    if (hosted != NULL) {
        hosted->is_done = true;
        hosted->on_done(hosted);
        return;
    }
    budget_give_rest(world->real->shared, BUDGET_TASKS, plan_tasks(&world->run->timeline->plan));
    slab_free(world, &world->real->co_uv);
}

static int64_t start(struct hosted *hosted)
{
    struct world *world = world_of(hosted->run);
    *world = (struct world){.real = hosted->loop, .run = hosted->run, .owner = hosted};
    co_loop_init(&world->loop, 0, block_until);
    world->loop.turn = 1; /* each step is one of a turn on the real loop */
    world->run->on_done = world->run->on_cancelled = on_run_end;
    run_start(world->run, &world->loop);
    world->scope.loop = &hosted->loop->co_uv.loop;
    world->scope.on_done = on_over;
    co_start(&world->scope, turn, &world->co);
    co_uv_wake(&hosted->loop->co_uv);
    return 0;
}

static void end(struct hosted *hosted)
{
    struct world *world = world_of(hosted->run);
    hosted->run = NULL;
    if (hosted->is_done) {
        slab_free(world, &hosted->loop->co_uv);
        return;
    }
    budget_leave(hosted->connection, BUDGET_TASKS, hosted->tasks);
    world->owner = NULL;
    run_cancel_in_turns(world->run);
    co_uv_wake(&hosted->loop->co_uv);
}

const struct host run_on_virtual_clock = {.make_memory = make_memory, .start = start, .end = end};
