#include "async/check.h"
#include "async/loop.h"
#include "async/task.h"

void co_cancel(struct co *co)
{
    if (co->phase == CO_DONE)
        return;
    co_drop_start(co);
    for (struct co *at = co; co->phase != CO_DONE;)
        at = co_drop_next(at);
    struct co *caller = co_hand_back(co);
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
    co_drop_start(scope->top);
    scope->dropping = scope->top;
    co_scope_update(scope);
}
