#include "handlers/say.h"

#include "handlers/states.h"
#include "handlers/words/frame.h"

/* Kept apart, so that plain runs pay nothing for it. */
static __attribute__((noinline)) void say_with_more(struct co *co, const char *text)
{
    struct run *run = run_of(co);
    struct entry entry = {.at_ns = since_start_ns(co), .task = task_of(co)};
    if (run_has_states(run))
        state_was_ready(co);
    timeline_say(run->timeline, entry.at_ns, entry.task, text);
    if (run->on_happening != NULL)
        run->on_happening(
            run, &(struct happening){.entry = entry, .more = {.last = entry.task}, .word = text});
    run_tell(run);
}

void say(struct co *co, const char *text)
{
    struct run *run = run_of(co);
    if (!run->is_plain) {
        say_with_more(co, text);
        return;
    }
    timeline_say(run->timeline, since_start_ns(co), co_nth(co) + 1, text);
    run_tell(run);
}

/* A task beyond the list waits as long as the first. */
int64_t delay_of(const struct co *co)
{
    const struct plan *plan = plan_of(co);
    if (plan->tree != NULL)
        return word_number(co);
    return plan->delays_ns[co_nth(co) < plan->delay_count ? co_nth(co) : 0];
}

uint32_t count_of(const struct co *co)
{
    return plan_of(co)->count;
}

enum sleep_mode sleep_of(const struct co *co)
{
    return plan_of(co)->sleep;
}

void block(struct co *co, int64_t duration_ns)
{
    int64_t before_ns = co_now_ns(co);
    if (run_has_states(run_of(co)))
        state_entered(co, TASK_BLOCKING);
    co_block(co, duration_ns);
    run_of(co)->timeline->blocked_ns += co_now_ns(co) - before_ns;
}
