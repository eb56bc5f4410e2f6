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

static struct co *hand_back_to_caller(struct co *co)
{
    struct co *caller = co->parent;
    caller->live--;
    caller->error = co->error;
    if (caller->wait == CO_FOR_TIMEOUT)
        caller->error = co_way_of(caller)->on_return(caller, co->error);
    return caller;
}

/* Where nothing follows from an end, nobody is told. */
struct co *co_hand_back(struct co *co)
{
    struct co *parent = co->parent;
    if (parent == NULL)
        return NULL;
    if ((co->place.flags & CO_CALLED) != 0)
        return hand_back_to_caller(co);
    if (co->scope->has_orphans && co_index(co) >= parent->begun)
        return NULL;
    bool is_last = --parent->live == 0 && parent->to_begin == 0;
    if (is_last || co->error != 0 || parent->wait == CO_FOR_RACE) {
        co->phase = CO_TELLING;
        co->place.flags = CO_TELLS | (is_last ? CO_IS_LAST : 0);
        co_make_ready(co);
    }
    return NULL;
}

/* A child that has just begun was never in a queue: its parent stood there for it. */
int64_t co_since_ns(const struct co *co)
{
    if (co->place.due_ns > INT64_MIN && co->place.order > 0)
        return co->place.due_ns;
    bool stood = co->parent != NULL && (co->place.flags & CO_CALLED) == 0;
    return stood ? co->parent->place.due_ns : co->scope->loop->now_ns;
}

/* An error ends it, its finally aside; an attempt lets it go on. */
static bool is_thrown(const struct co *co)
{
    if (co->error == 0)
        return false;
    bool catches = (co->place.flags & CO_CATCHES) != 0;
    return !catches || co->error == CO_CANCELLED;
}

static CO_RARELY void end_with(struct co *co, uint32_t error)
{
    bool had_begun = co->line != 0;
    co->phase = CO_RUNNING;
    co->line = CO_FINALLY;
    if (had_begun)
        co->body(co);
    co->phase = CO_DONE;
    co->error = error;
}

static CO_RARELY void end_by_raising(struct co *co)
{
    CO_CHECK(co->phase == CO_RAISING, "a body returned from inside of its async block");
    end_with(co, co->error);
}

static struct co *in_place_of(struct co *co)
{
    if (co->wait == CO_AT_ONCE)
        return co;
    struct co *child = begin_next_child(co);
    child->place.flags = CO_CALLED;
    return child;
}

/* Runs `co` to its next await or to its end. Returns whoever goes on in its place: itself, the
   child that it calls, or its caller. */
static struct co *run_body(struct co *co)
{
    struct co_scope *scope = co->scope;
    scope->turn_left--;
    co->phase = CO_RUNNING;
    co->wait = CO_FOR_NOTHING;
    co->begun = 0;
    if (is_thrown(co))
        end_with(co, co->error);
    else
        co->body(co);
    if (co->phase == CO_PARKED)
        return co->wait < CO_AT_ONCE || co->wait > CO_FOR_TIMEOUT ? NULL : in_place_of(co);
    if (co->phase != CO_DONE)
        end_by_raising(co);
    scope->loop->live--;
    if (scope->on_change != NULL && !co_is_timer(co))
        scope->on_change(scope, co, CO_ENDS);
    return co_hand_back(co);
}

/* Whoever stands first in the ready queue and does not just go on. */
static CO_RARELY void take_special(struct co *co)
{
    struct co_scope *scope = co->scope;
    scope->turn_left--;
    queue_remove_ready(&scope->coroutines, &co->place);
    if ((co->place.flags & CO_TELLS) != 0) {
        co->phase = CO_DONE;
        if (co_index(co) >= co->parent->begun)
            return;
        if ((co->place.flags & CO_IS_LAST) != 0)
            co->parent->place.flags |= CO_ALL_TOLD;
        if (co_way_of(co->parent) != NULL)
            co_way_of(co->parent)->on_end(co->parent, co);
        return;
    }
    /* Those that were asked to end before they began never do. */
    if (co->to_begin > 0) {
        co->to_begin = 0;
        if (co->live == 0)
            co_look(co);
        return;
    }
    co->place.flags &= (uint8_t)~CO_WOKEN;
    co_way_of(co)->on_turn(co);
}

/* asyncio's _run_once() lets those go on that are ready when it begins. */
static void begin_round(struct co_scope *scope)
{
    scope->round_ends = scope->loop->order;
    if (scope->ending > 0)
        scope->ending++;
}

/* A time-out that is due with a sleeper comes first, and may still cancel it. */
static CO_RARELY struct co *after_timers(struct co *sleeper)
{
    struct co_scope *scope = sleeper->scope;
    if (co_is_timer(sleeper))
        return sleeper;
    scope->turn_left--;
    sleeper->wait = CO_FOR_NOTHING;
    sleeper->place.order = scope->loop->order++;
    queue_add_last(&scope->coroutines, &sleeper->place);
    return NULL;
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
        return sleeper->place.due_ns > scope->timers_ns ? after_timers(sleeper) : sleeper;
    }
    struct co *ready = co_at(queue->ready_first);
    if (ready->place.order >= scope->round_ends)
        begin_round(scope);
    if ((ready->place.flags & CO_SPECIAL) != 0) {
        take_special(ready);
        return NULL;
    }
    struct co *next = ready->to_begin > 0 ? begin_next_child(ready) : ready;
    if (ready->to_begin > 0)
        return next;
    queue_remove_ready(queue, &ready->place);
    if ((ready->place.flags & CO_MUST_CANCEL) != 0) /* its last child has just begun */
        co_look(ready);
    return next;
}

void co_go_on(struct co_scope *scope)
{
    struct co *co = take_next(scope);
    while (co != NULL && scope->turn_left > 0)
        co = run_body(co);
    /* The turn is over. A handover is never interrupted by others of the scope, so in the next turn
       `co` goes on first (decision 11). */
    if (co == NULL)
        return;
    bool has_room = co->wait == CO_AT_ONCE;
    co_keep_turn(co);
    if (has_room)
        co->wait = CO_HAS_ROOM;
}

/* ---- dropping (decision 2) ------------------------------------------------------------------- */

void co_unqueue(struct co *co)
{
    struct co_queue *queue = &co->scope->coroutines;
    switch (co->wait) {
    case CO_FOR_TIME:
        sleep_queue_remove(&queue->sleeping, &co->place);
        break;
    case CO_FOR_ROOM:
    case CO_FOR_TIMEOUT:
    case CO_AT_ONCE:
        co_way_of(co)->leave(co);
        break;
    case CO_HAS_ROOM:
        queue_remove_ready(queue, &co->place);
        co_way_of(co)->leave(co);
        break;
    case CO_FOR_CALL:
        break;
    case CO_FOR_NOTHING:
    case CO_FOR_OTHERS:
        queue_remove_ready(queue, &co->place);
        break;
    default:
        if (co->to_begin > 0 || (co->place.flags & CO_WOKEN) != 0)
            queue_remove_ready(queue, &co->place);
    }
}

void co_drop_start(struct co *co)
{
    CO_CHECK(co->phase == CO_PARKED, "a running coroutine cannot be cancelled");
    co_tell_cancel(co, co->scope->ending > 0 ? CO_ABANDONED : CO_ASKED_TO, NULL);
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
        if (child->phase == CO_TELLING) {
            queue_remove_ready(&co->scope->coroutines, &child->place);
            child->phase = CO_DONE;
        }
        if (child->phase == CO_DONE)
            return co;
        co_drop_start(child);
        return child;
    }
    co->wait = CO_FOR_NOTHING;
    end_with(co, CO_CANCELLED);
    co->scope->loop->live--;
    return co->parent;
}
