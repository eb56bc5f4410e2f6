/*
 * Trees of coroutines, started and cancelled at times that somebody chooses, on a clock that is
 * often late, against a model: after each step the same nodes have done the same things. Who
 * chooses may be a random number generator, or a fuzzer.
 *
 * Needs assert_true(), assert_int_equal() and assert_ptr_equal() before it: cmocka's, or others.
 */
#pragma once

#include "tests/support/model.h"
#include "tests/support/tree.h"

#define TREES        4
#define SCRIPT_BYTES 200

struct schedule {
    struct co_loop loop;
    struct family trees[TREES];
    char scripts[TREES][SCRIPT_BYTES];
    uint32_t started;
    struct events events;
    struct model model;
    struct model_node model_nodes[TREES][TREE_NODES];
    uint32_t cancel_one_in; /* UINT32_MAX: none */
    /* The next choice, of `limit`. It must not be the same for ever: a schedule would not end. */
    uint32_t (*below)(struct schedule *schedule, uint32_t limit);
    void *choices; /* below()'s */
};

/* ---- making trees up ------------------------------------------------------------------------- */

static inline char *write_script(struct schedule *schedule, char *at, char *end, int depth);

static inline char *write_group(struct schedule *schedule, char *at, char *end, int depth)
{
    bool gather = schedule->below(schedule, 2) == 0;
    *at++ = gather ? '[' : '(';
    at = write_script(schedule, at, end, depth - 1);
    for (uint32_t more = gather ? schedule->below(schedule, 3) : 0; more > 0 && at < end; more--) {
        *at++ = '|';
        at = write_script(schedule, at, end, depth - 1);
    }
    *at++ = gather ? ']' : ')';
    return at;
}

/* Few different lengths, so that many deadlines are equal. Each level may
   end one byte past `end`. */
static inline char *write_script(struct schedule *schedule, char *at, char *end, int depth)
{
    for (uint32_t steps = schedule->below(schedule, 4); steps > 0 && at < end; steps--) {
        if (depth > 0 && schedule->below(schedule, 2) == 0)
            at = write_group(schedule, at, end, depth);
        else
            *at++ = "001123"[schedule->below(schedule, 6)];
    }
    return at;
}

/* ---- what happens ---------------------------------------------------------------------------- */

static inline void write_event(struct node *node)
{
    struct schedule *schedule = (struct schedule *)(void *)((char *)node->tree->scope.loop -
                                                            offsetof(struct schedule, loop));
    events_add(&schedule->events, node, node->at, schedule->loop.now_ns);
}

static inline void start_next(struct schedule *schedule)
{
    uint32_t next = schedule->started++;
    struct family *tree = &schedule->trees[next];
    char *script = schedule->scripts[next];
    *write_script(schedule, script, script + 150, 3) = '\0';
    tree_start(tree, &schedule->loop, script);
    tree->on_step = write_event;
    model_grow(&schedule->model, schedule->model_nodes[next], tree);
    model_start(&schedule->model, schedule->model_nodes[next]);
}

static inline bool is_being_cancelled(const struct schedule *schedule, uint32_t t)
{
    return schedule->model_nodes[t][0].scope->move_count > 0;
}

/* A half of them at the top, and of these a half in turns. One that is not started has nothing that
   could be cancelled. */
static inline void cancel_any(struct schedule *schedule)
{
    uint32_t t = schedule->below(schedule, schedule->started);
    struct family *tree = &schedule->trees[t];
    bool at_top = schedule->below(schedule, 2) == 0;
    uint32_t n = at_top ? 0 : schedule->below(schedule, (uint32_t)tree->count);
    struct model_node *chosen = &schedule->model_nodes[t][n];
    if (n == 0 && schedule->below(schedule, 2) == 0) {
        co_cancel_scope(&tree->scope);
        model_cancel_scope(&schedule->model, chosen);
        return;
    }
    if (chosen->state == NODE_NEW || is_being_cancelled(schedule, t))
        return;
    co_cancel(&tree->nodes[n].co);
    model_cancel(&schedule->model, chosen);
}

/* Stays, goes to the next deadline, or jumps to anywhere. */
static inline int64_t next_time(struct schedule *schedule)
{
    const struct co_loop *loop = &schedule->loop;
    int64_t next_ns = co_loop_next_ns(loop);
    switch (schedule->below(schedule, 3)) {
    case 0:
        return loop->now_ns;
    case 1:
        return next_ns != CO_NEVER && next_ns > loop->now_ns ? next_ns : loop->now_ns;
    default:
        return loop->now_ns + schedule->below(schedule, 3 * MS);
    }
}

/* ---- against the model ----------------------------------------------------------------------- */

static inline void check_agreement(struct schedule *schedule, size_t checked)
{
    const struct events *events = &schedule->events;
    const struct events *expected = &schedule->model.events;
    assert_int_equal(events->count, expected->count);
    for (size_t i = checked; i < events->count; i++) {
        assert_ptr_equal(events->list[i].node, expected->list[i].node);
        assert_ptr_equal(events->list[i].at, expected->list[i].at);
        assert_int_equal(events->list[i].now_ns, expected->list[i].now_ns);
    }
    assert_int_equal(schedule->loop.live, schedule->model.live);
    const struct model_scope *scope = model_first_scope(&schedule->model);
    int64_t now_ns = schedule->loop.now_ns;
    int64_t real_ns = co_loop_next_ns(&schedule->loop);
    int64_t model_ns = scope == NULL ? CO_NEVER : scope->since_ns;
    if (real_ns > now_ns || model_ns > now_ns)
        assert_int_equal(real_ns, model_ns);
}

static inline void take_steps(struct schedule *schedule, int64_t now_ns)
{
    for (uint32_t steps = schedule->below(schedule, 8); steps > 0; steps--) {
        size_t checked = schedule->events.count;
        assert_int_equal(co_loop_step(&schedule->loop, now_ns),
                         model_step(&schedule->model, now_ns));
        check_agreement(schedule, checked);
    }
}

static inline bool schedule_goes_on(const struct schedule *schedule)
{
    return schedule->started < TREES || !virtual_clock_is_idle(&schedule->loop);
}

/* From nothing to the end of all trees; `below`, `choices` and `cancel_one_in` are set. */
static inline void schedule_run(struct schedule *schedule)
{
    bool usual = schedule->below(schedule, 2) == 0;
    co_loop_init(&schedule->loop, 0, NULL);
    schedule->loop.turn = usual ? CO_TURN : 1 + schedule->below(schedule, 4);
    model_init(&schedule->model, schedule->loop.turn);
    schedule->started = 0;
    schedule->events.count = 0;
    while (schedule_goes_on(schedule)) {
        size_t checked = schedule->events.count;
        if (schedule->started < TREES && schedule->below(schedule, 4) == 0)
            start_next(schedule);
        if (schedule->started > 0 && schedule->below(schedule, schedule->cancel_one_in) == 0)
            cancel_any(schedule);
        check_agreement(schedule, checked);
        take_steps(schedule, next_time(schedule));
    }
    for (uint32_t t = 0; t < TREES; t++) {
        assert_int_equal(tree_count(&schedule->trees[t], NODE_AT_WORK), 0);
        assert_int_equal(schedule->trees[t].cancelled, is_being_cancelled(schedule, t));
    }
}
