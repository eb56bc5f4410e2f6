#include "async/cancel.h"
#include "async/check.h"
#include "async/ways.h"

enum co_whereabouts {
    CO_NOWHERE, /* none of its coroutines is left, or it is about to enter a queue */
    CO_READY,   /* in the loop's ready queue: one of its coroutines can go on */
    CO_ASLEEP,  /* in the loop's sleep queue; when it is due it stays there until its turn */
};

void co_loop_init(struct co_loop *loop, int64_t now_ns,
                  int64_t (*block_until)(struct co_loop *loop, int64_t until_ns))
{
    *loop = (struct co_loop){
        .now_ns = now_ns, .turn = CO_TURN, .block_until = block_until, .ways = co_ways};
    sleep_queue_init(&loop->scopes.sleeping, loop->tails, CO_LOOP_LANES);
}

/* ---- a scope's place ------------------------------------------------------------------------- */

static int64_t scope_next_ns(const struct co_scope *scope)
{
    return scope->work != CO_GOES_ON ? 0 : queue_next_ns(&scope->coroutines);
}

static void scope_leaves(struct co_scope *scope)
{
    struct co_queue *queue = &scope->loop->scopes;
    if (scope->whereabouts == CO_READY)
        queue_remove_ready(queue, &scope->place);
    else if (scope->whereabouts == CO_ASLEEP)
        sleep_queue_remove(&queue->sleeping, &scope->place);
    scope->whereabouts = CO_NOWHERE;
}

/* From nowhere to its next turn: behind all that can go on by now, or asleep until it can. */
static void scope_enters(struct co_scope *scope)
{
    struct co_loop *loop = scope->loop;
    int64_t due_ns = scope_next_ns(scope);
    scope->turn_left = loop->turn;
    if (due_ns <= loop->now_ns) {
        scope->whereabouts = CO_READY;
        queue_stamp(loop, &scope->place, loop->now_ns);
        queue_add_last(&loop->scopes, &scope->place);
    } else if (due_ns != CO_NEVER) {
        scope->whereabouts = CO_ASLEEP;
        queue_stamp(loop, &scope->place, due_ns);
        sleep_queue_add(&loop->scopes.sleeping, &scope->place, due_ns - loop->now_ns);
    }
}

/*
 * Puts a scope where it belongs, after a change from outside of its own step. A scope that could go
 * on before and still can keeps its place, and with it its claim to be next.
 */
static void scope_update(struct co_scope *scope)
{
    int64_t now_ns = scope->loop->now_ns;
    int64_t due_ns = scope_next_ns(scope);
    bool sleeps = scope->whereabouts == CO_ASLEEP && scope->place.due_ns > now_ns;
    bool stays = sleeps ? due_ns == scope->place.due_ns : due_ns <= now_ns;
    if (stays || scope->loop->running == scope)
        return;
    scope_leaves(scope);
    scope_enters(scope);
}

void co_start(struct co_scope *scope, co_body *body, struct co *top)
{
    scope->top = top;
    scope->work = CO_GOES_ON;
    scope->ending = 0;
    scope->is_cancelled = scope->has_orphans = false;
    scope->timers_ns = CO_NEVER;
    scope->round_ends = 0;
    scope->whereabouts = CO_NOWHERE;
    scope->coroutines = (struct co_queue){0};
    sleep_queue_init(&scope->coroutines.sleeping, scope->tails, CO_SCOPE_LANES);
    co_begin(top, body, scope, NULL);
    co_make_ready(top);
    scope_enters(scope);
}

/* ---- dropping -------------------------------------------------------------------------------- */

static bool is_empty(const struct co_scope *scope)
{
    return queue_next_ns(&scope->coroutines) == CO_NEVER;
}

static void drop_from(struct co_scope *scope, struct co *root)
{
    scope->work = CO_DROPS;
    scope->dropping = scope->drop_root = root;
    if (root->phase == CO_PARKED) {
        co_drop_start(root);
        return;
    }
    co_unqueue(root); /* it has ended, and stands there to tell */
    root->phase = CO_DONE;
}

/* Whoever waits leads to whoever is awaited by it, from any that stand in a queue. */
static void drop_what_is_left(struct co_scope *scope)
{
    struct co_queue *queue = &scope->coroutines;
    struct co_place *first =
        queue->ready_first != NULL ? queue->ready_first : queue->sleeping.earliest;
    scope->work = CO_GOES_ON;
    if (first == NULL)
        return;
    struct co *root = (struct co *)first;
    while (root->parent != NULL && root->parent->phase == CO_PARKED &&
           ((root->place.flags & CO_CALLED) != 0 || co_index(root) < root->parent->begun))
        root = root->parent;
    drop_from(scope, root);
}

static void drop_on(struct co_scope *scope)
{
    if (scope->drop_root->phase != CO_DONE)
        scope->dropping = co_drop_next(scope->dropping);
    if (scope->drop_root->phase == CO_DONE)
        drop_what_is_left(scope);
}

/* Whoever was about to go on once its children are asked to end is in no queue, and nobody else may
   lead to it. */
static void break_off_walk(struct co_scope *scope)
{
    struct co *root = scope->walk.root;
    if (root->wait >= CO_FOR_GATHER && (root->place.flags & CO_WOKEN) == 0)
        co_look(root);
}

static void drop_all(struct co_scope *scope)
{
    if (scope->work == CO_WALKS)
        break_off_walk(scope);
    if (scope->top->phase == CO_PARKED)
        drop_from(scope, scope->top);
    else
        drop_what_is_left(scope);
}

/* ---- a scope's turn -------------------------------------------------------------------------- */

/* The top has ended. asyncio.run() lets all go on that are ready by then, and whoever is ready
   after that, and cancels the rest. */
static void end_rounds(struct co_scope *scope)
{
    const struct co_place *first = scope->coroutines.ready_first;
    if (queue_sleeper_is_next(&scope->coroutines, scope->ended_ns))
        return; /* it is due with the one that ended the top */
    if (first == NULL || (scope->ending >= 2 && first->order >= scope->round_ends))
        drop_all(scope);
}

static CO_RARELY bool is_over_but_for_others(struct co_scope *scope)
{
    if (scope->work != CO_GOES_ON)
        return false;
    if (scope->ending == 0) {
        scope->ending = 1;
        scope->ended_ns = scope->loop->now_ns;
    }
    if (!is_empty(scope))
        end_rounds(scope);
    return scope->work == CO_GOES_ON && is_empty(scope);
}

/* The top has ended in this step or before: whether nothing is left of the scope. */
static bool is_over(struct co_scope *scope)
{
    if (scope->ending > 0 || scope->work != CO_GOES_ON || !is_empty(scope))
        return is_over_but_for_others(scope);
    scope->ended_ns = scope->loop->now_ns;
    return true;
}

static CO_RARELY void take_other_step(struct co_scope *scope)
{
    scope->turn_left--;
    if (scope->work == CO_WALKS)
        co_walk_on(scope);
    else
        drop_on(scope);
}

/* One step of its turn. Returns whether it can go on again, at once; if not, it may be gone. */
static bool scope_steps(struct co_scope *scope)
{
    struct co_loop *loop = scope->loop;
    loop->running = scope;
    if (scope->work == CO_GOES_ON)
        co_go_on(scope);
    else
        take_other_step(scope);
    loop->running = NULL;
    if (scope->top->phase == CO_DONE && is_over(scope)) {
        scope_leaves(scope);
        if (scope->is_cancelled)
            scope->on_cancelled(scope);
        else
            scope->on_done(scope);
        return false;
    }
    if (scope->turn_left == 0 || scope_next_ns(scope) > loop->now_ns) {
        scope_leaves(scope);
        scope_enters(scope);
    } else if (scope->whereabouts != CO_READY) {
        /* It has just woken. It goes before all that are ready, as its stamp is no later. */
        scope->whereabouts = CO_READY;
        queue_add_first(&loop->scopes, &scope->place);
    }
    return scope->whereabouts == CO_READY;
}

static void take_time(struct co_loop *loop, int64_t now_ns)
{
    CO_CHECK(now_ns >= loop->now_ns, "time went back: give co_loop_step() a monotonic clock");
    loop->now_ns = now_ns;
}

/* The turn is the scope's that could go on first, be it ready or a sleeper that is due. */
bool co_loop_step(struct co_loop *loop, int64_t now_ns)
{
    take_time(loop, now_ns);
    bool wakes = queue_sleeper_is_next(&loop->scopes, now_ns);
    struct co_place *next = wakes ? loop->scopes.sleeping.earliest : loop->scopes.ready_first;
    _Static_assert(offsetof(struct co_scope, place) == 0, "a scope begins with its place");
    struct co_scope *scope = (struct co_scope *)next;
    if (scope == NULL)
        return false;
    if (wakes)
        scope_leaves(scope);
    (void)scope_steps(scope);
    return true;
}

bool co_scope_step(struct co_scope *scope, int64_t now_ns)
{
    take_time(scope->loop, now_ns);
    return scope->whereabouts == CO_READY && scope_steps(scope);
}

int64_t co_loop_next_ns(const struct co_loop *loop)
{
    return queue_next_ns(&loop->scopes);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

void co_cancel(struct co *co)
{
    struct co_scope *scope = co->scope;
    if (co->phase == CO_DONE || co->phase == CO_TELLING)
        return;
    CO_CHECK(co->phase == CO_PARKED, "a running coroutine cannot be cancelled");
    if (co == scope->top) {
        co_drop_scope(scope);
        return;
    }
    while (scope->work == CO_WALKS)
        co_walk_on(scope);
    co_drop_start(co);
    for (struct co *at = co; co->phase != CO_DONE;)
        at = co_drop_next(at);
    co->error = 0; /* for its parent it is as if it had finished */
    struct co *caller = co_hand_back(co);
    if (caller != NULL) {
        caller->wait = CO_FOR_NOTHING;
        co_make_ready(caller);
    }
    scope_update(scope);
}

void co_drop_scope(struct co_scope *scope)
{
    CO_CHECK(scope->loop->running != scope, "a scope cannot be cancelled from within");
    if (scope->work != CO_DROPS)
        drop_all(scope);
    while (scope->work == CO_DROPS)
        drop_on(scope);
    scope_leaves(scope);
}

void co_cancel_scope(struct co_scope *scope)
{
    CO_CHECK(scope->loop->running != scope, "a scope cannot be cancelled from within");
    CO_CHECK(scope->on_cancelled != NULL, "a scope that is cancelled needs on_cancelled()");
    if (scope->whereabouts == CO_NOWHERE || scope->is_cancelled)
        return;
    scope->is_cancelled = true;
    if (scope->work != CO_DROPS)
        drop_all(scope);
    scope_update(scope);
}
