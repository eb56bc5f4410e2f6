/*
 * Runs the paths that every request or every task takes, for callgrind to count the instructions of
 * each. Unlike time, they are the same on a busy machine and on an idle one. instructions.py runs
 * this and compares with counts.txt.
 *
 * For each path callgrind writes a file whose trigger is "NAME TIMES": the path's name, and how
 * many times it was taken.
 */
#include "handlers/endpoints.h"
#include "handlers/run.h"
#include "server/api/query.h"
#include "server/api/routes.h"
#include "tests/support/virtual_clock.h"
#include "views/views.h"
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#define SCOPES     1000
#define GATHERED   1000
#define DELAY_NS   (100 * MS)
#define PIECE_SIZE 16384

static void count_from_here(void)
{
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
}

static void count_to_here(const char *name, unsigned times)
{
    CALLGRIND_TOGGLE_COLLECT;
    char trigger[64];
    (void)snprintf(trigger, sizeof trigger, "%s %u", name, times);
    CALLGRIND_DUMP_STATS_AT(trigger);
}

/* ---- the runtime: many scopes of one coroutine each ------------------------------------------ */

struct nap {
    struct co co;
    struct co_scope scope;
};

static void nap(struct co *co)
{
    async(co) {
        await(co_sleep(co, DELAY_NS));
    }
}

static void on_nap_done(struct co_scope *scope)
{
    (void)scope;
}

static void take_steps(struct co_loop *loop, unsigned steps)
{
    while (steps-- > 0)
        (void)virtual_clock_step(loop);
}

static void count_naps(void)
{
    struct co_loop loop;
    struct nap *naps = calloc(SCOPES, sizeof *naps);
    co_loop_init(&loop, 0, virtual_clock_block_until);
    count_from_here();
    for (size_t i = 0; i < SCOPES; i++) {
        naps[i].scope = (struct co_scope){.loop = &loop, .on_done = on_nap_done};
        co_start(&naps[i].scope, nap, &naps[i].co);
    }
    count_to_here("spawn", SCOPES);
    count_from_here();
    take_steps(&loop, SCOPES);
    count_to_here("sleep", SCOPES);
    count_from_here();
    take_steps(&loop, SCOPES);
    count_to_here("wake", SCOPES);
    free(naps);
}

/* ---- a request's run, and its views ---------------------------------------------------------- */

static void on_run_done(struct run *run)
{
    (void)run;
}

static struct run *start_run(struct co_loop *loop, const struct endpoint *endpoint, uint32_t count,
                             bool timeline)
{
    static const int64_t delay_ns = DELAY_NS;
    struct plan plan = {.endpoint = endpoint,
                        .delays_ns = &delay_ns,
                        .delay_count = 1,
                        .count = count,
                        .timeline = timeline};
    co_loop_init(loop, 0, virtual_clock_block_until);
    struct run *run = run_init(calloc(1, run_bytes(&plan)), &plan, 0);
    run->on_done = on_run_done;
    run_start(run, loop);
    return run;
}

static void count_run(const char *name, const struct endpoint *endpoint, uint32_t count)
{
    struct co_loop loop;
    count_from_here();
    struct run *run = start_run(&loop, endpoint, count, false);
    (void)virtual_clock_run(&loop);
    count_to_here(name, count);
    free(run);
}

static void count_view(const char *name, const struct view *view, const struct endpoint *endpoint,
                       uint32_t count, bool timeline)
{
    struct co_loop loop;
    struct view_cursor cursor = {0};
    char piece[PIECE_SIZE];
    struct run *run = start_run(&loop, endpoint, count, timeline);
    (void)virtual_clock_run(&loop);
    count_from_here();
    while (view_write(view, run->timeline, true, &cursor, piece, sizeof piece) > 0)
        ;
    count_to_here(name, count);
    free(run);
}

/* ---- a query --------------------------------------------------------------------------------- */

static void count_query(void)
{
    static const char text[] = "count=100&delay=250ms&timeline=true&format=json";
    const struct config config = {
        .max_delay_ns = 1000 * DELAY_NS, .max_duration_ns = 1000 * DELAY_NS, .max_count = 1000};
    struct query query;
    struct problem problem;
    h2o_mem_pool_t pool;
    h2o_mem_init_pool(&pool);
    count_from_here();
    bool is_good = query_parse((struct text){text, sizeof text - 1}, (struct text){NULL, 0},
                               &parallel_endpoint, routes, &config, &pool, &query, &problem);
    count_to_here("query", 1);
    h2o_mem_clear_pool(&pool);
    if (!is_good)
        abort();
}

int main(void)
{
    count_naps();
    count_run("hi", &hi_endpoint, 1);
    count_run("gather", &parallel_endpoint, GATHERED);
    count_run("call", &sequence_endpoint, GATHERED);
    count_view("json-hi", &json_view, &hi_endpoint, 1, false);
    count_view("json", &json_view, &parallel_endpoint, GATHERED, false);
    count_view("json-timeline", &json_view, &parallel_endpoint, GATHERED, true);
    count_view("text", &text_view, &parallel_endpoint, GATHERED, false);
    count_query();
    return 0;
}
