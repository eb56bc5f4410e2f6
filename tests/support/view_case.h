/*
 * Runs for a view to show: every endpoint and way of sleeping, of a few sizes, driven to any point
 * by the virtual clock; and the pull of a view in pieces. Needs cmocka.h before it.
 */
#pragma once

#include "handlers/run.h"
#include "tests/support/count.h"
#include "tests/support/endpoints.h"
#include "tests/support/virtual_clock.h"
#include "views/view.h"
#include <stdlib.h>
#include <string.h>

#define START_NS  INT64_C(7000000123)
#define DELAYS_NS 3

struct shown {
    struct co_loop loop;
    struct run *run;
    bool done;
};

static inline void shown_on_done(struct run *run)
{
    ((struct shown *)run->owner)->done = true;
}

/* Delays with digits in every place that a view may show, in an order that is not that of the
   tasks. A plan of three tasks has a list of them, any other the first alone. */
static inline struct plan shown_plan(const struct endpoint *endpoint, enum sleep_mode sleep,
                                     uint32_t count, bool timeline)
{
    static const int64_t delays_ns[DELAYS_NS] = {3123456789, 1000000001, 2 * MS};
    return (struct plan){.endpoint = endpoint,
                         .delays_ns = delays_ns,
                         .delay_count = count == DELAYS_NS ? DELAYS_NS : 1,
                         .count = count,
                         .sleep = sleep,
                         .timeline = timeline};
}

static inline void shown_start(struct shown *shown, const struct plan *plan)
{
    *shown = (struct shown){.done = false};
    co_loop_init(&shown->loop, START_NS, virtual_clock_block_until);
    shown->run = run_init(malloc(run_bytes(plan)), plan, START_NS);
    shown->run->owner = shown;
    shown->run->on_done = shown_on_done;
    run_start(shown->run, &shown->loop);
}

static inline void shown_finish(struct shown *shown)
{
    (void)virtual_clock_run(&shown->loop);
    assert_true(shown->done);
}

static inline void shown_free(struct shown *shown)
{
    run_cancel(shown->run);
    free(shown->run);
}

/* One piece, in a buffer of exactly `size`, so that a sanitizer sees one byte too many. */
static inline size_t shown_pull(const struct shown *shown, const struct view *view,
                                struct view_cursor *cursor, size_t size, char *text)
{
    char *buffer = malloc(size);
    size_t length = view_write(view, shown->run->timeline, shown->done, cursor, buffer, size);
    assert_true(length <= size);
    memcpy(text, buffer, length);
    free(buffer);
    return length;
}

/* The whole view of a finished run, NUL-terminated in `text`, pulled in pieces of `size` bytes. */
static inline size_t shown_text(const struct shown *shown, const struct view *view, size_t size,
                                char *text, size_t room)
{
    struct view_cursor cursor = {0};
    size_t used = 0;
    while (cursor.part != VIEW_END) {
        assert_true(used + size < room);
        size_t length = shown_pull(shown, view, &cursor, size, text + used);
        assert_true(length > 0 || cursor.part == VIEW_END);
        used += length;
    }
    assert_int_equal(shown_pull(shown, view, &cursor, size, text + used), 0);
    text[used] = '\0';
    return used;
}

/* Calls `check` for a finished run of each plan. */
static inline void shown_each(void (*check)(const struct shown *shown))
{
    static const uint32_t counts[] = {1, 2, 3, 10, 250};
    for (size_t plan = 0; plan < ENDPOINTS * SLEEP_MODES * COUNT(counts) * 2; plan++) {
        const struct endpoint *endpoint = endpoints[plan % ENDPOINTS];
        size_t rest = plan / ENDPOINTS;
        enum sleep_mode sleep = (enum sleep_mode)(rest % SLEEP_MODES);
        uint32_t count = counts[rest / SLEEP_MODES % COUNT(counts)];
        bool timeline = rest / SLEEP_MODES / COUNT(counts) == 1;
        struct plan asked =
            shown_plan(endpoint, sleep, endpoint->takes_count ? count : 1, timeline);
        struct shown shown;
        shown_start(&shown, &asked);
        shown_finish(&shown);
        check(&shown);
        shown_free(&shown);
    }
}

/* From the smallest buffer that a view must do with to one that holds most answers whole. */
static const size_t piece_sizes[] = {
    VIEW_ITEM_BYTES, VIEW_ITEM_BYTES + 1, 173, 2 * VIEW_ITEM_BYTES, 1000, 65536};
