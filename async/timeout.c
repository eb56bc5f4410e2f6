#include "async/cancel.h"
#include "async/wait.h"

/*
 * asyncio.timeout(): the child runs in its parent's place, and a timer sleeps beside it, a
 * coroutine of its own. While its parent waits, that one's `place.previous` leads to it.
 */

static void on_time(struct co *co)
{
    struct co_timer *self = (struct co_timer *)co;
    async(co) {
        self->has_fired = true;
        co_walk_start(self->waiting, CO_TIMEOUT);
    }
}

static struct co_timer *timer_of(const struct co *waiting)
{
    return (struct co_timer *)(void *)waiting->place.previous;
}

static void stop_timer(struct co *waiting)
{
    struct co *timer = &timer_of(waiting)->co;
    if (timer->phase != CO_PARKED)
        return;
    co_unqueue(timer);
    timer->phase = CO_DONE;
    timer->scope->loop->live--;
}

static uint32_t on_return(struct co *caller, uint32_t error)
{
    stop_timer(caller);
    return timer_of(caller)->has_fired && error == CO_CANCELLED ? CO_TIMED_OUT : error;
}

const struct co_way co_way_timeout = {.leave = stop_timer, .on_return = on_return};

struct co_wait co_timeout(struct co *parent, struct co_timer *timer, int64_t duration_ns,
                          co_body *body, struct co *child)
{
    struct co_wait wait = co_arm_children(parent, CO_FOR_TIMEOUT, body, child, 0, 1);
    if (parent->scope->timers_ns == CO_NEVER)
        parent->scope->timers_ns = parent->scope->loop->now_ns;
    timer->waiting = parent;
    timer->has_fired = false;
    co_begin(&timer->co, on_time, parent->scope, NULL);
    timer->co.wait = duration_ns > 0 ? CO_FOR_TIME : CO_FOR_OTHERS;
    co_enqueue_for(&timer->co, duration_ns);
    parent->place.previous = &timer->co.place;
    return wait;
}
