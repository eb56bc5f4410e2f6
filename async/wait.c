#include "async/check.h"
#include "async/task.h"

/* ---- a step's begin and end ------------------------------------------------------------------ */

struct co *co_enter(struct co *co)
{
    CO_CHECK(co->phase == CO_RUNNING,
             "a body was called by hand: use call(), gather() or co_start()");
    return co;
}

static void never_awaited(struct co *co)
{
    co_unqueue(co);
    co->wait = CO_FOR_NOTHING;
    co->to_begin = 0;
    if (co->scope->on_never_awaited != NULL)
        co->scope->on_never_awaited(co->scope, co);
}

static struct co_wait arm(struct co *co, enum co_waiting wait)
{
    CO_CHECK(co->phase == CO_RUNNING && co->line != CO_FINALLY,
             "only a running coroutine waits, and not in its finally");
    if (co->wait != CO_FOR_NOTHING)
        never_awaited(co);
    co->wait = (uint8_t)wait;
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

/* ---- what can be awaited --------------------------------------------------------------------- */

/* Less than CO_NEVER, which would mean that there is no deadline. */
static int64_t deadline_ns(const struct co_loop *loop, int64_t duration_ns)
{
    bool beyond = duration_ns > CO_NEVER - 1 - loop->now_ns;
    return beyond ? CO_NEVER - 1 : loop->now_ns + duration_ns;
}

struct co_wait co_sleep(struct co *co, int64_t duration_ns)
{
    struct co_wait wait = arm(co, duration_ns > 0 ? CO_FOR_TIME : CO_FOR_OTHERS);
    if (duration_ns > 0) {
        struct co_loop *loop = co->scope->loop;
        queue_stamp(loop, &co->place, deadline_ns(loop, duration_ns));
        sleep_queue_add(&co->scope->coroutines.sleeping, &co->place, duration_ns);
    } else {
        co_make_ready(co);
    }
    return wait;
}

static struct co_wait arm_children(struct co *parent, enum co_waiting wait, co_body *body,
                                   struct co *first, uint32_t stride_bytes, uint32_t count)
{
    struct co_wait armed = arm(parent, wait);
    parent->stride_bytes = stride_bytes;
    parent->place.child_body = body;
    parent->place.next_child = first;
    parent->to_begin = count;
    parent->live = 0;
    return armed;
}

/* With a stride of 0 `next_child` stays at the only child, where co_drop_next() then finds it. */
struct co_wait co_call(struct co *parent, co_body *body, struct co *child)
{
    return arm_children(parent, CO_FOR_CALL, body, child, 0, 1);
}

struct co_wait co_gather(struct co *parent, co_body *body, struct co *frames, size_t stride_bytes,
                         uint32_t count)
{
    CO_CHECK(stride_bytes <= UINT32_MAX, "a gathered frame is larger than 4 GiB");
    struct co_wait wait =
        arm_children(parent, CO_FOR_GATHER, body, frames, (uint32_t)stride_bytes, count);
    co_make_ready(parent);
    return wait;
}

void co_block(struct co *co, int64_t duration_ns)
{
    struct co_loop *loop = co->scope->loop;
    CO_CHECK(loop->block_until != NULL, "this loop was not made to be blocked");
    if (duration_ns > 0)
        loop->now_ns = loop->block_until(loop, deadline_ns(loop, duration_ns));
}
