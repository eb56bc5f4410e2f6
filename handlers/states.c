#include "handlers/states.h"

#include "handlers/words/frame.h"

/* What is shorter is not seen, and not told. */
#define READY_LEAST_NS 1000000

static const struct word_frame *frame_of(const struct co *co)
{
    return (const struct word_frame *)co;
}

static const struct tree_node *node_of(const struct co *co)
{
    return &plan_of(co)->tree->nodes[frame_of(co)->at];
}

/* Whether it waits for room in a limit, in front of the coroutine of the same place in the plan. */
static bool is_limited(const struct co *co)
{
    const struct co *parent = co_parent(co);
    return parent != NULL && node_of(parent)->word == WORD_limit &&
           frame_of(parent)->at != frame_of(co)->at;
}

static bool is_task(const struct co *co)
{
    const struct plan *plan = plan_of(co);
    if (plan->tree == NULL)
        return co_parent(co) != NULL || !plan->endpoint->takes_count;
    return node_of(co)->items == 0 && !is_limited(co);
}

/* Whoever is told to be cancelled before its turn has never run. */
static bool has_begun(const struct co *co)
{
    return co->line != 0;
}

static void tell(struct co *co, struct entry entry, struct entry_more more)
{
    struct run *run = run_of(co);
    run->last_task = entry.task;
    run->last_what = entry.what;
    if (run->timeline->plan.states)
        timeline_enter(run->timeline, entry, more);
    if (run->on_happening != NULL)
        run->on_happening(run, &(struct happening){entry, more, NULL, !has_begun(co)});
    run_tell(run);
}

static void enter(struct co *co, uint32_t last, enum task_state state, uint8_t reason, uint32_t by)
{
    struct entry entry = {.at_ns = since_start_ns(co),
                          .task = task_of(co),
                          .what = (uint8_t)(ENTRY_STATE | state),
                          .reason = reason};
    tell(co, entry, (struct entry_more){.last = last, .by = by});
}

void state_entered(struct co *co, enum task_state state)
{
    enter(co, task_of(co), state, REASON_NONE, 0);
}

void states_on_change(struct co_scope *scope, struct co *co, enum co_change change)
{
    (void)scope;
    if (change == CO_QUEUES)
        enter(co, task_of(co) + node_of(co)->tasks - 1, TASK_READY, REASON_NONE, 0);
    else if (!is_task(co))
        return;
    else if (change == CO_SLEEPS)
        state_entered(co, TASK_WAITING);
    else if (co_error(co) == 0)
        state_entered(co, TASK_DONE);
    else if (co_error(co) != CO_CANCELLED)
        state_entered(co, TASK_FAILED);
}

static uint32_t group_of(const struct co *co)
{
    const struct word_frame *frame = frame_of(co);
    return tree_place_of(plan_of(co)->tree, frame->at, frame->task).group;
}

/* It is told first, and its children only when it goes on: it keeps by whom, and why. */
static bool passes_on_later(const struct co *co)
{
    return node_of(co)->word == WORD_group || node_of(co)->word == WORD_race;
}

#define REASON_BITS 3
_Static_assert(REASONS <= 1 << REASON_BITS, "a reason fits beside a group's number");

void states_on_cancel(struct co_scope *scope, struct co *co, enum co_reason reason,
                      const struct co *by)
{
    static const uint8_t reasons[CO_REASONS] = {
        [CO_ASKED_TO] = REASON_ASKED_TO,   [CO_ABANDONED] = REASON_ABANDONED,
        [CO_LOST_RACE] = REASON_LOST_RACE, [CO_SIBLING_FAILED] = REASON_SIBLING_FAILED,
        [CO_TIMEOUT] = REASON_TIMEOUT,
    };
    uint32_t why = reasons[reason];
    (void)scope;
    if (by != NULL && reason == CO_ASKED_TO)
        why = frame_of(by)->i;
    else if (by != NULL)
        why |= group_of(by) << REASON_BITS;
    uint8_t said = why & ((1U << REASON_BITS) - 1);
    uint32_t group = why >> REASON_BITS;
    bool is_drawn = plan_of(co)->tree != NULL;
    if (is_task(co))
        enter(co, task_of(co), TASK_CANCELLED, said, group);
    else if (is_drawn && is_limited(co) && frame_of(co)->i == 0)
        enter(co, task_of(co) + node_of(co)->tasks - 1, TASK_CANCELLED, said, group);
    else if (is_drawn && !is_limited(co) && passes_on_later(co))
        ((struct word_frame *)co)->i = why;
}

/* It has blocked its loop, and was never away. */
static bool goes_straight_on(const struct co *co)
{
    const struct run *run = run_of(co);
    return run->last_task == task_of(co) && run->last_what == (ENTRY_STATE | TASK_BLOCKING);
}

/* A child that begins could since its parent awaits it; a called one begins at once. */
void state_was_ready(struct co *co)
{
    int64_t since_ns = co_since_ns(co);
    if (co_now_ns(co) - since_ns < READY_LEAST_NS || goes_straight_on(co))
        return;
    struct entry entry = {.at_ns = since_start_ns(co) - (co_now_ns(co) - since_ns),
                          .task = task_of(co),
                          .what = ENTRY_STATE | TASK_READY};
    tell(co, entry, (struct entry_more){.last = entry.task});
}
