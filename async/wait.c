#include "async/wait.h"

#include "async/check.h"

/* ---- a step's begin and end ------------------------------------------------------------------ */

struct co *co_enter(struct co *co)
{
    CO_CHECK(co->phase == CO_RUNNING,
             "a body was called by hand: use call(), gather() or co_start()");
    return co;
}

static CO_RARELY void never_awaited(struct co *co)
{
    co_unqueue(co);
    co->wait = CO_FOR_NOTHING;
    co->to_begin = 0;
    if (co->scope->on_never_awaited != NULL)
        co->scope->on_never_awaited(co->scope, co);
}

struct co_wait co_arm(struct co *co, enum co_waiting wait)
{
    CO_CHECK(co->phase == CO_RUNNING && co->line != CO_FINALLY,
             "only a running coroutine waits, and not in its finally");
    if (co->wait != CO_FOR_NOTHING)
        never_awaited(co);
    co->wait = (uint8_t)wait;
    co->place.flags &= CO_CALLED;
    co->error = 0;
    return (struct co_wait){.co = co};
}

void co_park(struct co *co, struct co_wait wait, uint16_t line)
{
    CO_CHECK(wait.co == co && co->wait != CO_FOR_NOTHING,
             "await takes what an awaitable of the same coroutine has just returned");
    co->line = line;
    co->phase = CO_PARKED;
    if (co->scope->on_change != NULL && (co->wait == CO_FOR_TIME || co->wait == CO_FOR_ROOM))
        co->scope->on_change(co->scope, co, co->wait == CO_FOR_TIME ? CO_SLEEPS : CO_QUEUES);
}

void co_park_attempt(struct co *co, struct co_wait wait, uint16_t line)
{
    co_park(co, wait, line);
    co->place.flags |= CO_CATCHES;
}

void co_raise(struct co *co, uint32_t error)
{
    CO_CHECK(co->phase == CO_RUNNING && co->line != CO_FINALLY && error != 0,
             "only a running coroutine raises an error, and not in its finally");
    if (co->wait != CO_FOR_NOTHING)
        never_awaited(co);
    co->error = error;
    co->line = co->line != 0 ? co->line : 1;
    co->phase = CO_RAISING;
}

struct co *co_leave(struct co *co)
{
    CO_CHECK(co->line == 0 || co->line == CO_FINALLY, "an await inside of a nested switch");
    if (co->wait != CO_FOR_NOTHING)
        never_awaited(co);
    co->phase = CO_DONE;
    co->error = 0;
    return NULL;
}

/* ---- what can be awaited --------------------------------------------------------------------- */

struct co_wait co_sleep(struct co *co, int64_t duration_ns)
{
    struct co_wait wait = co_arm(co, duration_ns > 0 ? CO_FOR_TIME : CO_FOR_OTHERS);
    co_enqueue_for(co, duration_ns);
    return wait;
}

struct co_wait co_arm_children(struct co *parent, enum co_waiting wait, co_body *body,
                               struct co *first, size_t stride_bytes, uint32_t count)
{
    CO_CHECK(stride_bytes <= UINT32_MAX, "a frame of a child is larger than 4 GiB");
    struct co_wait armed = co_arm(parent, count > 0 ? wait : CO_FOR_OTHERS);
    parent->stride_bytes = (uint32_t)stride_bytes;
    parent->place.child_body = body;
    parent->place.next_child = first;
    parent->to_begin = count;
    parent->live = 0;
    if (stride_bytes > 0)
        co_make_ready(parent);
    return armed;
}

/* With a stride of 0 `next_child` stays at the only child, where it is then found. */
struct co_wait co_call(struct co *parent, co_body *body, struct co *child)
{
    return co_arm_children(parent, CO_FOR_CALL, body, child, 0, 1);
}

void co_block(struct co *co, int64_t duration_ns)
{
    struct co_loop *loop = co->scope->loop;
    CO_CHECK(loop->block_until != NULL, "this loop was not made to be blocked");
    if (duration_ns > 0)
        loop->now_ns = loop->block_until(loop, co_deadline_ns(loop, duration_ns));
}
