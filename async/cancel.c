#include "async/check.h"
#include "async/task.h"

static bool is_ready(const struct co *co)
{
    switch ((enum co_waiting)co->wait) {
    case CO_FOR_NOTHING:
    case CO_FOR_TURN:
        return true;
    case CO_FOR_GATHER:
        return co->left > 0 || co->live == 0;
    case CO_FOR_TIME:
    case CO_FOR_CALL:
        return false;
    }
    return false;
}

static void unqueue(struct co *co)
{
    struct co_queue *queue = &co->scope->coroutines;
    if (co->wait == CO_FOR_TIME)
        sleep_queue_remove(&queue->sleeping, &co->place);
    else if (is_ready(co))
        queue_remove_ready(queue, &co->place);
}

/* It counts as running from here until all below it are dropped: nobody else may cancel it. */
static void hold(struct co *co)
{
    CO_CHECK(co->phase == CO_PARKED, "a running coroutine cannot be cancelled");
    unqueue(co);
    co->phase = CO_RUNNING;
}

/* Children lie side by side before the one that would be started next. */
static struct co *take_youngest(struct co *parent)
{
    parent->begun--;
    parent->place.unstarted = (struct co *)((char *)parent->place.unstarted - parent->stride_bytes);
    return parent->place.unstarted;
}

static void drop(struct co *co)
{
    bool begun = co->line != 0;
    co->line = CO_FINALLY;
    co->wait = CO_FOR_NOTHING;
    if (begun)
        co->body(co);
    co->phase = CO_DONE;
    co->scope->loop->live--;
}

struct co *co_drop_next(struct co *co)
{
    if (co->begun == 0) {
        drop(co);
        return co->parent;
    }
    struct co *child = take_youngest(co);
    if (child->phase == CO_DONE)
        return co;
    hold(child);
    return child;
}

void co_cancel(struct co *co)
{
    if (co->phase == CO_DONE)
        return;
    hold(co);
    for (struct co *at = co; co->phase != CO_DONE;)
        at = co_drop_next(at);
    struct co *caller = co->parent == NULL ? NULL : co_child_ended(co->parent);
    if (caller != NULL) {
        caller->wait = CO_FOR_NOTHING;
        co_make_ready(caller);
    }
    co_scope_update(co->scope);
}

void co_cancel_scope(struct co_scope *scope)
{
    CO_CHECK(scope->loop->going != scope, "a scope cannot be cancelled from within");
    CO_CHECK(scope->on_cancelled != NULL, "a scope that is cancelled needs on_cancelled()");
    if (scope->top->phase == CO_DONE || scope->dropping != NULL)
        return;
    hold(scope->top);
    scope->dropping = scope->top;
    co_scope_update(scope);
}
