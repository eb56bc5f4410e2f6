#include "async/task.h"

#include "async/check.h"
#include "async/ready_queue.h"
#include "async/sleep_queue.h"

static struct co_loop *loop_of(const struct co *co)
{
    return co->scope->loop;
}

/* ---- starting -------------------------------------------------------------------------------- */

static void begin(struct co *co, co_body *body, struct co_scope *scope, struct co *parent)
{
    *co = (struct co){.body = body, .scope = scope, .parent = parent, .phase = CO_PARKED};
    scope->loop->live++;
    if (parent == NULL)
        return;
    co->nth = parent->started++;
    co->sibling = parent->children;
    parent->children = co;
    parent->live++;
}

void co_start(struct co_scope *scope, co_body *body, struct co *top)
{
    scope->top = top;
    begin(top, body, scope, NULL);
    ready_queue_add(scope->loop, top);
}

static struct co *begin_next(struct co *parent)
{
    struct co *child = parent->unstarted;
    co_body *body = parent->child_body;
    parent->left--;
    parent->unstarted = (struct co *)((char *)child + parent->stride_bytes);
    begin(child, body, parent->scope, parent);
    return child;
}

void co_start_next(struct co *parent)
{
    struct co *child = begin_next(parent);
    if (parent->left == 0)
        ready_queue_remove(loop_of(parent), parent);
    co_resume(child);
}

/* ---- going on -------------------------------------------------------------------------------- */

static bool children_are_done(const struct co *parent)
{
    return parent->left == 0 && parent->live == 0;
}

/* A child of `parent` ended. Returns the parent when it goes on in the same
   step, as a caller does. */
static struct co *child_ended(struct co *parent)
{
    parent->live--;
    if (parent->wait == CO_FOR_CALL)
        return parent;
    if (children_are_done(parent))
        ready_queue_add(loop_of(parent), parent);
    return NULL;
}

static struct co *ended(struct co *co)
{
    struct co_scope *scope = co->scope;
    scope->loop->live--;
    if (co->parent != NULL)
        return child_ended(co->parent);
    scope->on_done(scope);
    return NULL;
}

void co_resume(struct co *co)
{
    while (co != NULL) {
        co->phase = CO_RUNNING;
        co->wait = CO_FOR_NOTHING;
        co->children = NULL;
        co->body(co);
        CO_CHECK(co->phase != CO_RUNNING, "a body returned from inside of its async block");
        if (co->phase == CO_DONE)
            co = ended(co);
        else
            co = co->wait == CO_FOR_CALL ? begin_next(co) : NULL;
    }
}

struct co *co_enter(struct co *co)
{
    CO_CHECK(co->phase == CO_RUNNING,
             "a body was called by hand: use call(), gather() or co_start()");
    return co;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void never_awaited(struct co *co)
{
    if (co->wait == CO_FOR_TIME)
        sleep_queue_remove(&loop_of(co)->sleeping, co);
    else if (co->wait == CO_FOR_TURN || co->wait == CO_FOR_GATHER)
        ready_queue_remove(loop_of(co), co);
    co->wait = CO_FOR_NOTHING;
    co->left = 0;
    if (co->scope->on_never_awaited != NULL)
        co->scope->on_never_awaited(co->scope, co);
}

static struct co_wait arm(struct co *co, enum co_waiting wait)
{
    CO_CHECK(co->phase == CO_RUNNING && co->line != CO_FINALLY,
             "only a running coroutine waits, and not in its finally");
    if (co->wait != CO_FOR_NOTHING)
        never_awaited(co);
    co->wait = wait & 0xF;
    return (struct co_wait){.co = co};
}

void co_park(struct co *co, struct co_wait wait, uint16_t line)
{
    CO_CHECK(wait.co == co && co->wait != CO_FOR_NOTHING,
             "await takes what an awaitable of the same coroutine has just returned");
    co->line = line;
    co->phase = CO_PARKED;
}

struct co *co_leave(struct co *co)
{
    CO_CHECK(co->line == 0 || co->line == CO_FINALLY, "an await inside of a nested switch");
    if (co->wait != CO_FOR_NOTHING)
        never_awaited(co);
    co->phase = CO_DONE;
    return NULL;
}

/* Held below CO_NEVER, which is no deadline but the lack of one. */
static int64_t deadline_ns(const struct co_loop *loop, int64_t duration_ns)
{
    bool beyond = duration_ns > CO_NEVER - 1 - loop->now_ns;
    return beyond ? CO_NEVER - 1 : loop->now_ns + duration_ns;
}

struct co_wait co_sleep(struct co *co, int64_t duration_ns)
{
    struct co_wait wait = arm(co, duration_ns > 0 ? CO_FOR_TIME : CO_FOR_TURN);
    struct co_loop *loop = loop_of(co);
    if (duration_ns <= 0) {
        ready_queue_add(loop, co);
        return wait;
    }
    co->due_ns = deadline_ns(loop, duration_ns);
    co->order = loop->order++;
    sleep_queue_add(&loop->sleeping, co, duration_ns);
    return wait;
}

static struct co_wait arm_children(struct co *parent, enum co_waiting wait, co_body *body,
                                   struct co *first, uint32_t count)
{
    struct co_wait armed = arm(parent, wait);
    parent->child_body = body;
    parent->unstarted = first;
    parent->left = count;
    parent->live = 0;
    return armed;
}

struct co_wait co_call(struct co *parent, co_body *body, struct co *child)
{
    return arm_children(parent, CO_FOR_CALL, body, child, 1);
}

struct co_wait co_gather(struct co *parent, co_body *body, struct co *frames, size_t stride_bytes,
                         uint32_t count)
{
    struct co_wait wait = arm_children(parent, CO_FOR_GATHER, body, frames, count);
    CO_CHECK(stride_bytes <= UINT32_MAX, "a gathered frame is larger than 4 GiB");
    parent->stride_bytes = (uint32_t)stride_bytes;
    ready_queue_add(loop_of(parent), parent);
    return wait;
}

void co_block(struct co *co, int64_t duration_ns)
{
    struct co_loop *loop = loop_of(co);
    CO_CHECK(loop->block_until != NULL, "this loop was not made to be blocked");
    if (duration_ns > 0)
        loop->now_ns = loop->block_until(loop, deadline_ns(loop, duration_ns));
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static bool is_queued_as_ready(const struct co *co)
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
    if (co->wait == CO_FOR_TIME)
        sleep_queue_remove(&loop_of(co)->sleeping, co);
    else if (is_queued_as_ready(co))
        ready_queue_remove(loop_of(co), co);
}

static void drop(struct co *co)
{
    if (co->phase == CO_DONE)
        return;
    CO_CHECK(co->phase == CO_PARKED, "a running coroutine cannot be cancelled");
    unqueue(co);
    co->phase = CO_RUNNING;
    for (struct co *child = co->children; child != NULL; child = child->sibling)
        drop(child);
    bool begun = co->line != 0;
    co->line = CO_FINALLY;
    co->wait = CO_FOR_NOTHING;
    if (begun)
        co->body(co);
    co->phase = CO_DONE;
    co->scope->loop->live--;
}

void co_cancel(struct co *co)
{
    if (co->phase == CO_DONE)
        return;
    drop(co);
    if (co->parent == NULL)
        return;
    struct co *caller = child_ended(co->parent);
    if (caller != NULL) {
        caller->wait = CO_FOR_NOTHING;
        ready_queue_add(loop_of(caller), caller);
    }
}
