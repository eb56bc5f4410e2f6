#include "async/task.h"

#include "async/check.h"

/* ---- starting -------------------------------------------------------------------------------- */

void co_begin(struct co *co, co_body *body, struct co_scope *scope, struct co *parent)
{
    *co = (struct co){.body = body, .scope = scope, .parent = parent, .phase = CO_PARKED};
    scope->loop->live++;
    if (parent == NULL)
        return;
    co->nth = parent->started++;
    parent->live++;
}

static struct co *begin_next(struct co *parent)
{
    struct co *child = parent->place.unstarted;
    co_body *body = parent->place.child_body;
    parent->left--;
    parent->begun++;
    parent->place.unstarted = (struct co *)((char *)child + parent->stride_bytes);
    co_begin(child, body, parent->scope, parent);
    return child;
}

/* ---- going on -------------------------------------------------------------------------------- */

static bool children_are_done(const struct co *parent)
{
    return parent->left == 0 && parent->live == 0;
}

struct co *co_child_ended(struct co *parent)
{
    parent->live--;
    if (parent->wait == CO_FOR_CALL)
        return parent;
    if (children_are_done(parent))
        co_make_ready(parent);
    return NULL;
}

static struct co *ended(struct co *co)
{
    co->scope->loop->live--;
    return co->parent != NULL ? co_child_ended(co->parent) : NULL;
}

/* One step of its body. Returns who goes on in its place. */
static struct co *resume(struct co *co)
{
    co->scope->turn_left--;
    co->phase = CO_RUNNING;
    co->wait = CO_FOR_NOTHING;
    co->begun = 0;
    co->body(co);
    CO_CHECK(co->phase != CO_RUNNING, "a body returned from inside of its async block");
    if (co->phase == CO_DONE)
        return ended(co);
    return co->wait == CO_FOR_CALL ? begin_next(co) : NULL;
}

/* The turn is over; in the next one `co` goes on before anybody else of its scope. */
static void pause(struct co *co)
{
    co->wait = CO_FOR_NOTHING;
    co->place.due_ns = INT64_MIN;
    queue_add_first(&co->scope->coroutines, &co->place);
}

static void resume_all(struct co *co)
{
    while (co != NULL && co->scope->turn_left > 0)
        co = resume(co);
    if (co != NULL)
        pause(co);
}

static void start_next(struct co *parent)
{
    struct co *child = begin_next(parent);
    if (parent->left == 0)
        queue_remove_ready(&parent->scope->coroutines, &parent->place);
    resume_all(child);
}

static void wake(struct co *sleeper)
{
    struct co_loop *loop = sleeper->scope->loop;
    sleep_queue_remove(&sleeper->scope->coroutines.sleeping, &sleeper->place);
    if (loop->on_wake != NULL)
        loop->on_wake(loop, loop->now_ns - sleeper->place.due_ns);
    resume_all(sleeper);
}

void co_go_on(struct co_scope *scope)
{
    struct co_queue *queue = &scope->coroutines;
    if (queue_sleeper_is_next(queue, scope->loop->now_ns)) {
        wake(co_at(queue->sleeping.earliest));
        return;
    }
    struct co *ready = co_at(queue->ready_first);
    if (ready->wait == CO_FOR_GATHER && ready->left > 0) {
        start_next(ready);
    } else {
        queue_remove_ready(queue, &ready->place);
        resume_all(ready);
    }
}
