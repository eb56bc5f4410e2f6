/*
 * The text view: the lines that the article's program prints, live, in pieces of any size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/endpoints.h"
#include "tests/support/view_case.h"
#include "views/views.h"
#include <inttypes.h>
#include <stdio.h>

#define ROOM (256 * 1024)

/* Digits are cut and not rounded: what is shown must never exceed the truth. */
static size_t write_line(const struct timeline *timeline, uint32_t item, char *text)
{
    if (timeline->entries == NULL)
        return (size_t)sprintf(text, "%s\n", timeline_word(timeline, item)->bytes);
    const struct entry *entry = &timeline->entries[item];
    return (size_t)sprintf(text, "%" PRId64 ".%06" PRId64 " s  task %u  %s\n",
                           entry->at_ns / 1000000000, entry->at_ns % 1000000000 / 1000, entry->task,
                           timeline_word(timeline, item)->bytes);
}

static size_t write_duration(const char *name, int64_t ns, char *text)
{
    return (size_t)sprintf(text, "%s: %" PRId64 ".%03" PRId64 " s\n", name, ns / 1000000000,
                           ns % 1000000000 / 1000000);
}

static void write_expected(const struct timeline *timeline, char *text)
{
    for (uint32_t i = 0; i < timeline_said(timeline); i++)
        text += write_line(timeline, i, text);
    for (uint32_t i = 0; i < timeline->never_awaited_count; i++)
        text += sprintf(text, "warning: task %u: sleep was never awaited\n",
                        timeline->never_awaited[i]);
    if (timeline->plan.sleep == SLEEP_BLOCKING)
        text += write_duration("loop blocked", timeline->blocked_ns, text);
    (void)write_duration("elapsed", timeline->elapsed_ns, text);
}

static void check_lines(const struct shown *shown)
{
    static char expected[ROOM];
    static char text[ROOM];
    write_expected(shown->run->timeline, expected);
    for (size_t i = 0; i < COUNT(piece_sizes); i++) {
        (void)shown_text(shown, &text_view, piece_sizes[i], text, sizeof text);
        assert_string_equal(text, expected);
    }
}

static void is_what_was_said_line_by_line(void **state)
{
    (void)state;
    shown_each(check_lines);
}

struct golden {
    const struct endpoint *endpoint;
    enum sleep_mode sleep;
    uint32_t count;
    bool timeline;
    const char *text;
};

static const struct golden goldens[] = {
    {&parallel_endpoint, SLEEP_AWAITED, 3, false,
     "Hello\nHello\nHello\nWorld\nWorld\nWorld\nelapsed: 3.123 s\n"},
    {&parallel_endpoint, SLEEP_AWAITED, 3, true,
     "0.000000 s  task 1  Hello\n0.000000 s  task 2  Hello\n0.000000 s  task 3  Hello\n"
     "0.002000 s  task 3  World\n1.000000 s  task 2  World\n3.123456 s  task 1  World\n"
     "elapsed: 3.123 s\n"},
    {&hi_endpoint, SLEEP_BLOCKING, 1, false,
     "Hello\nWorld\nloop blocked: 3.123 s\nelapsed: 3.123 s\n"},
    {&sequence_endpoint, SLEEP_FORGOTTEN, 2, false,
     "Hello\nWorld\nHello\nWorld\nwarning: task 1: sleep was never awaited\n"
     "warning: task 2: sleep was never awaited\nelapsed: 0.000 s\n"},
};

static void reads_like_the_contract(void **state)
{
    (void)state;
    char text[2048];
    for (size_t i = 0; i < COUNT(goldens); i++) {
        const struct golden *golden = &goldens[i];
        struct shown shown;
        struct plan plan =
            shown_plan(golden->endpoint, golden->sleep, golden->count, golden->timeline);
        shown_start(&shown, &plan);
        shown_finish(&shown);
        (void)shown_text(&shown, &text_view, VIEW_ITEM_BYTES, text, sizeof text);
        assert_string_equal(text, golden->text);
        shown_free(&shown);
    }
}

/* After each step of the run, one pull shows exactly what has been said, and the next nothing. */
static void check_live(enum sleep_mode sleep, bool timeline)
{
    char text[4096];
    char expected[4096];
    size_t used = 0;
    size_t expected_used = 0;
    uint32_t lines = 0;
    struct view_cursor cursor = {0};
    struct shown shown;
    struct plan plan = shown_plan(&sequence_endpoint, sleep, 3, timeline);
    shown_start(&shown, &plan);
    while (virtual_clock_step(&shown.loop) && !shown.done) {
        for (; lines < timeline_said(shown.run->timeline); lines++)
            expected_used += write_line(shown.run->timeline, lines, expected + expected_used);
        used += shown_pull(&shown, &text_view, &cursor, 1000, text + used);
        assert_int_equal(used, expected_used);
        assert_memory_equal(text, expected, used);
        assert_int_equal(shown_pull(&shown, &text_view, &cursor, 1000, text + used), 0);
    }
    used += shown_pull(&shown, &text_view, &cursor, 1000, text + used);
    text[used] = '\0';
    assert_int_equal(cursor.part, VIEW_END);
    write_expected(shown.run->timeline, expected);
    assert_string_equal(text, expected);
    shown_free(&shown);
}

static void is_live(void **state)
{
    (void)state;
    assert_true(text_view.live);
    for (unsigned sleep = 0; sleep < SLEEP_MODES; sleep++) {
        check_live((enum sleep_mode)sleep, false);
        check_live((enum sleep_mode)sleep, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_was_said_line_by_line),
        cmocka_unit_test(reads_like_the_contract),
        cmocka_unit_test(is_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
