#include "async/cancel.h"

void co_walk_start(struct co *root, enum co_reason reason)
{
    root->scope->work = CO_WALKS;
    root->scope->walk = (struct co_walk){
        .root = root,
        .at = root->begun > 0 ? co_first_child(root) : NULL,
        .reason = reason,
    };
}

/* Whether it awaits others, who are to be asked in its place. A gather that all have told already
   cannot pass it on, and keeps it for itself. */
static bool passes_on(struct co *co)
{
    switch (co->wait) {
    case CO_FOR_CALL:
    case CO_FOR_TIMEOUT:
        return true;
    case CO_FOR_GATHER:
    case CO_FOR_COLLECT:
        co->place.flags |= co->live > 0 || co->to_begin > 0 ? CO_STOPS : CO_MUST_CANCEL;
        return co->begun > 0;
    default:
        return false;
    }
}

static void interrupt(struct co *co)
{
    switch (co->wait) {
    case CO_FOR_TIME:
    case CO_FOR_ROOM:
        co_unqueue(co);
        co_wake(co, CO_CANCELLED);
        break;
    case CO_HAS_ROOM:
        co_way_of(co)->leave(co);
        co->wait = CO_FOR_NOTHING;
        co->error = CO_CANCELLED;
        break;
    case CO_FOR_GROUP:
    case CO_FOR_RACE:
    case CO_FOR_SHIELD:
        co->place.flags |= CO_MUST_CANCEL;
        if (co->to_begin == 0 && (co->place.flags & CO_WOKEN) == 0)
            co_look(co);
        break;
    case CO_FOR_GATHER:
    case CO_FOR_COLLECT:
        break;
    default: /* it is ready */
        co->error = CO_CANCELLED;
    }
}

/* The one after `at` and all below it, or NULL. */
static struct co *after(const struct co_walk *walk, struct co *at)
{
    for (; at != walk->root; at = at->parent) {
        bool is_called = (at->place.flags & CO_CALLED) != 0;
        if (!is_called && co_index(at) + 1 < at->parent->begun)
            return (struct co *)(void *)((char *)at + at->parent->stride_bytes);
    }
    return NULL;
}

static struct co *visit(struct co_walk *walk, struct co *at)
{
    if (at->phase != CO_PARKED) {
        if (at->parent == walk->root && !walk->has_first) {
            walk->has_first = true;
            walk->first_error = at->error;
        }
    } else if (passes_on(at)) {
        return co_first_child(at);
    } else {
        interrupt(at);
        co_tell_cancel(at, walk->reason, walk->root);
    }
    return after(walk, at);
}

void co_walk_on(struct co_scope *scope)
{
    struct co_walk *walk = &scope->walk;
    struct co *root = walk->root;
    if (walk->at != NULL)
        walk->at = visit(walk, walk->at);
    if (walk->at != NULL)
        return;
    scope->work = CO_GOES_ON;
    const struct co_way *way = co_way_of(root);
    if (way != NULL && way->on_walked != NULL)
        way->on_walked(root);
}
