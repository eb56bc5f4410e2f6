#include "handlers/run.h"

#include "async/check.h"
#include <string.h>

/* Where each part of a run's block begins. The parts stand in order of falling alignment. */
struct layout {
    size_t frames;
    size_t delays;
    size_t stamps;
    size_t never_awaited;
    size_t said_words;
    size_t end;
};

static size_t align(size_t bytes)
{
    return (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
}

/* Each hi() says two words and forgets at most one await. */
static struct layout lay_out(const struct plan *plan)
{
    size_t words = 2 * (size_t)plan->count;
    size_t forgetful = plan->sleep == SLEEP_FORGOTTEN ? plan->count : 0;
    struct layout at = {.frames = align(sizeof(struct run))};
    at.delays = at.frames + align(plan->endpoint->frame_bytes(plan->count));
    at.stamps = at.delays + align(plan->delay_count * sizeof(int64_t));
    at.never_awaited = at.stamps + (plan->timeline ? words * sizeof(struct stamp) : 0);
    at.said_words = at.never_awaited + forgetful * sizeof(uint32_t);
    at.end = at.said_words + words;
    return at;
}

size_t run_bytes(const struct plan *plan)
{
    return lay_out(plan).end;
}

struct run *run_init(void *block, const struct plan *plan, int64_t started_ns)
{
    struct layout at = lay_out(plan);
    char *base = block;
    struct run *run = block;
    *run = (struct run){.plan = *plan, .started_ns = started_ns};
    run->plan.delays_ns =
        memcpy(base + at.delays, plan->delays_ns, plan->delay_count * sizeof *plan->delays_ns);
    run->top = (struct co *)(void *)(base + at.frames);
    run->stamps = plan->timeline ? (struct stamp *)(void *)(base + at.stamps) : NULL;
    run->never_awaited = (uint32_t *)(void *)(base + at.never_awaited);
    run->said_words = (uint8_t *)(base + at.said_words);
    return run;
}

static struct run *run_of(const struct co *co)
{
    return (struct run *)co_scope_of(co);
}

static void on_scope_done(struct co_scope *scope)
{
    struct run *run = (struct run *)scope;
    run->finished_ns = scope->loop->now_ns;
    run->on_done(run);
}

static void on_scope_cancelled(struct co_scope *scope)
{
    struct run *run = (struct run *)scope;
    run->on_cancelled(run);
}

static void on_never_awaited(struct co_scope *scope, struct co *co)
{
    struct run *run = (struct run *)scope;
    if (run->plan.sleep == SLEEP_FORGOTTEN && run->never_awaited_count < run->plan.count)
        run->never_awaited[run->never_awaited_count++] = co_nth(co) + 1;
}

void run_start(struct run *run, struct co_loop *loop)
{
    run->scope.loop = loop;
    run->scope.on_done = on_scope_done;
    run->scope.on_cancelled = on_scope_cancelled;
    run->scope.on_never_awaited = on_never_awaited;
    co_start(&run->scope, run->plan.endpoint->bodies[run->plan.sleep], run->top);
}

bool run_go_on(struct run *run, int64_t now_ns)
{
    return co_scope_step(&run->scope, now_ns);
}

void run_cancel(struct run *run)
{
    co_cancel(run->top);
}

void run_cancel_in_turns(struct run *run)
{
    run->on_say = NULL;
    co_cancel_scope(&run->scope);
}

static uint8_t index_of_word(struct run *run, const char *text)
{
    uint8_t index = 0;
    while (index < RUN_WORDS && run->words[index] != NULL && run->words[index] != text)
        index++;
    CO_CHECK(index < RUN_WORDS, "a run says more different words than RUN_WORDS");
    if (run->words[index] == NULL)
        run->words[index] = text; /* once only: a second thread may be reading it by now */
    return index;
}

void say(struct co *co, const char *text)
{
    struct run *run = run_of(co);
    uint32_t said = atomic_load_explicit(&run->said, memory_order_relaxed);
    CO_CHECK(said < 2 * run->plan.count, "a run says more than its block has room for");
    run->said_words[said] = index_of_word(run, text);
    if (run->stamps != NULL)
        run->stamps[said] = (struct stamp){co_now_ns(co) - run->started_ns, co_nth(co) + 1};
    atomic_store_explicit(&run->said, said + 1, memory_order_release);
    if (run->on_say != NULL)
        run->on_say(run);
}

int64_t delay_of(const struct co *co)
{
    const struct plan *plan = &run_of(co)->plan;
    return plan->delays_ns[plan->delay_count == 1 ? 0 : co_nth(co)];
}

uint32_t count_of(const struct co *co)
{
    return run_of(co)->plan.count;
}

co_body *hi_of(const struct co *co)
{
    return hi_endpoint.bodies[run_of(co)->plan.sleep];
}

void block(struct co *co, int64_t duration_ns)
{
    int64_t before_ns = co_now_ns(co);
    co_block(co, duration_ns);
    run_of(co)->blocked_ns += co_now_ns(co) - before_ns;
}
