#include "async/check.h"
#include "async/task.h"

/* Where a scope is in its loop's queue. */
enum co_whereabouts {
    CO_NOWHERE, /* none of its coroutines is left, or it is about to enter */
    CO_READY,   /* one of them can go on */
    CO_ASLEEP,  /* until the first of them is due */
};

void co_loop_init(struct co_loop *loop, int64_t now_ns,
                  int64_t (*block_until)(struct co_loop *loop, int64_t until_ns))
{
    *loop = (struct co_loop){.now_ns = now_ns, .turn = CO_TURN, .block_until = block_until};
    sleep_queue_init(&loop->scopes.sleeping, loop->tails, CO_LOOP_LANES);
}

/* ---- a scope's place ------------------------------------------------------------------------- */

static int64_t scope_next_ns(const struct co_scope *scope)
{
    return scope->dropping != NULL ? 0 : queue_next_ns(&scope->coroutines);
}

static void leave(struct co_scope *scope)
{
    struct co_queue *queue = &scope->loop->scopes;
    if (scope->whereabouts == CO_READY)
        queue_remove_ready(queue, &scope->place);
    else if (scope->whereabouts == CO_ASLEEP)
        sleep_queue_remove(&queue->sleeping, &scope->place);
    scope->whereabouts = CO_NOWHERE;
}

static void enter_ready(struct co_scope *scope)
{
    struct co_loop *loop = scope->loop;
    scope->whereabouts = CO_READY;
    queue_stamp(loop, &scope->place, loop->now_ns);
    queue_add_last(&loop->scopes, &scope->place);
}

static void enter_asleep(struct co_scope *scope, int64_t due_ns)
{
    struct co_loop *loop = scope->loop;
    scope->whereabouts = CO_ASLEEP;
    queue_stamp(loop, &scope->place, due_ns);
    sleep_queue_add(&loop->scopes.sleeping, &scope->place, due_ns - loop->now_ns);
}

/* It is in no queue. A new turn awaits it. */
static void enter(struct co_scope *scope)
{
    int64_t due_ns = scope_next_ns(scope);
    scope->turn_left = scope->loop->turn;
    if (due_ns <= scope->loop->now_ns)
        enter_ready(scope);
    else if (due_ns != CO_NEVER)
        enter_asleep(scope, due_ns);
}

void co_scope_update(struct co_scope *scope)
{
    int64_t now_ns = scope->loop->now_ns;
    int64_t due_ns = scope_next_ns(scope);
    bool waits_for_turn = scope->place.due_ns <= now_ns;
    bool stays = waits_for_turn ? due_ns <= now_ns : due_ns == scope->place.due_ns;
    if (stays || scope->loop->going == scope)
        return;
    leave(scope);
    enter(scope);
}

void co_start(struct co_scope *scope, co_body *body, struct co *top)
{
    scope->top = top;
    scope->dropping = NULL;
    scope->whereabouts = CO_NOWHERE;
    scope->coroutines = (struct co_queue){0};
    sleep_queue_init(&scope->coroutines.sleeping, scope->tails, CO_SCOPE_LANES);
    co_begin(top, body, scope, NULL);
    co_make_ready(top);
    enter(scope);
}

/* ---- a scope's turn -------------------------------------------------------------------------- */

/* By one measure for the ready and for sleepers that are due: since when they could go on. */
static struct co_scope *first_scope(const struct co_loop *loop)
{
    const struct co_queue *scopes = &loop->scopes;
    bool wakes = queue_sleeper_is_next(scopes, loop->now_ns);
    return (struct co_scope *)(wakes ? scopes->sleeping.earliest : scopes->ready_first);
}

static void drop_next(struct co_scope *scope)
{
    scope->turn_left--;
    scope->dropping = co_drop_next(scope->dropping);
}

/* Before all others it stays while its turn lasts, since they could go on later than it could. */
static void settle(struct co_scope *scope)
{
    if (scope->turn_left == 0 || scope_next_ns(scope) > scope->loop->now_ns) {
        leave(scope);
        enter(scope);
    } else if (scope->whereabouts != CO_READY) {
        scope->whereabouts = CO_READY;
        queue_add_first(&scope->loop->scopes, &scope->place);
    }
}

static void take_time(struct co_loop *loop, int64_t now_ns)
{
    CO_CHECK(now_ns >= loop->now_ns, "time went back: give co_loop_step() a monotonic clock");
    loop->now_ns = now_ns;
}

/* Returns whether the scope can go on again, at once; if not, it may be gone. */
static bool step(struct co_scope *scope)
{
    bool drops = scope->dropping != NULL;
    struct co_loop *loop = scope->loop;
    loop->going = scope;
    (drops ? drop_next : co_go_on)(scope);
    loop->going = NULL;
    if (scope->top->phase != CO_DONE) {
        settle(scope);
        return scope->whereabouts == CO_READY;
    }
    leave(scope);
    (drops ? scope->on_cancelled : scope->on_done)(scope);
    return false;
}

bool co_loop_step(struct co_loop *loop, int64_t now_ns)
{
    take_time(loop, now_ns);
    struct co_scope *scope = first_scope(loop);
    if (scope == NULL)
        return false;
    if (scope->whereabouts == CO_ASLEEP)
        leave(scope);
    (void)step(scope);
    return true;
}

bool co_scope_step(struct co_scope *scope, int64_t now_ns)
{
    take_time(scope->loop, now_ns);
    return scope->whereabouts == CO_READY && step(scope);
}

int64_t co_loop_next_ns(const struct co_loop *loop)
{
    return queue_next_ns(&loop->scopes);
}
