#include "async/task.h"

#include "async/check.h"

/* ---- starting -------------------------------------------------------------------------------- */

void co_begin(struct co *co, co_body *body, struct co_scope *scope, struct co *parent)
{
    *co = (struct co){.body = body, .scope = scope, .parent = parent, .phase = CO_PARKED};
    scope->loop->live++;
    if (parent == NULL)
        return;
    co->nth = parent->ever_begun++;
    parent->live++;
}

static struct co *begin_next_child(struct co *parent)
{
    struct co *child = parent->place.next_child;
    co_body *body = parent->place.child_body;
    parent->to_begin--;
    parent->begun++;
    parent->place.next_child = (struct co *)((char *)child + parent->stride_bytes);
    co_begin(child, body, parent->scope, parent);
    return child;
}

/* ---- going on -------------------------------------------------------------------------------- */

struct co *co_hand_back(const struct co *co)
{
    struct co *parent = co->parent;
    if (parent == NULL)
        return NULL;
    parent->live--;
    if (parent->wait == CO_FOR_CALL)
        return parent;
    if (parent->to_begin == 0 && parent->live == 0)
        co_make_ready(parent);
    return NULL;
}

/* Runs `co` to its next await or to its end. Returns whoever goes on in its place: the child that
   it calls, or its caller. */
static struct co *run_body(struct co *co)
{
    co->scope->turn_left--;
    co->phase = CO_RUNNING;
    co->wait = CO_FOR_NOTHING;
    co->begun = 0;
    co->body(co);
    CO_CHECK(co->phase != CO_RUNNING, "a body returned from inside of its async block");
    if (co->phase == CO_PARKED)
        return co->wait == CO_FOR_CALL ? begin_next_child(co) : NULL;
    co->scope->loop->live--;
    return co_hand_back(co);
}

/* Takes whichever could go on first, a sleeper or one that is ready. A gather stays in the ready
   queue until its last child has begun, and lets one child go on in each step: a million children
   are a million steps, and not one long one. */
static struct co *take_next(struct co_scope *scope)
{
    struct co_loop *loop = scope->loop;
    struct co_queue *queue = &scope->coroutines;
    if (queue_sleeper_is_next(queue, loop->now_ns)) {
        struct co *sleeper = co_at(queue->sleeping.earliest);
        sleep_queue_remove(&queue->sleeping, &sleeper->place);
        if (loop->on_wake != NULL)
            loop->on_wake(loop, loop->now_ns - sleeper->place.due_ns);
        return sleeper;
    }
    struct co *ready = co_at(queue->ready_first);
    struct co *next = ready->to_begin > 0 ? begin_next_child(ready) : ready;
    if (ready->to_begin == 0)
        queue_remove_ready(queue, &ready->place);
    return next;
}

void co_go_on(struct co_scope *scope)
{
    struct co *co = take_next(scope);
    while (co != NULL && scope->turn_left > 0)
        co = run_body(co);
    if (co == NULL)
        return;
    /* The turn is over. A handover is never interrupted by others of the scope, so in the next turn
       `co` goes on first (decision 11). */
    co->wait = CO_FOR_NOTHING;
    co->place.due_ns = INT64_MIN;
    queue_add_first(&scope->coroutines, &co->place);
}

/* ---- dropping (decision 2) ------------------------------------------------------------------- */

void co_unqueue(struct co *co)
{
    struct co_queue *queue = &co->scope->coroutines;
    bool all_begun = co->wait == CO_FOR_GATHER && co->to_begin == 0 && co->live > 0;
    if (co->wait == CO_FOR_TIME)
        sleep_queue_remove(&queue->sleeping, &co->place);
    else if (co->wait != CO_FOR_CALL && !all_begun)
        queue_remove_ready(queue, &co->place);
}

void co_drop_start(struct co *co)
{
    CO_CHECK(co->phase == CO_PARKED, "a running coroutine cannot be cancelled");
    co_unqueue(co);
    co->phase = CO_RUNNING;
}

/* Frames of children lie side by side: the youngest is just before the one that would be next. */
struct co *co_drop_next(struct co *co)
{
    if (co->begun > 0) {
        struct co *child = (struct co *)((char *)co->place.next_child - co->stride_bytes);
        co->begun--;
        co->place.next_child = child;
        if (child->phase == CO_DONE)
            return co;
        co_drop_start(child);
        return child;
    }
    bool had_begun = co->line != 0;
    co->line = CO_FINALLY;
    co->wait = CO_FOR_NOTHING;
    if (had_begun)
        co->body(co);
    co->phase = CO_DONE;
    co->scope->loop->live--;
    return co->parent;
}
