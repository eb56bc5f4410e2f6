/*
 * The JSON view, written by hand, against jansson: whatever the run and whatever the size of the
 * pieces, it parses to the object that jansson would have been given.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/endpoints.h"
#include "handlers/hi.h"
#include "tests/support/view_case.h"
#include "views/views.h"
#include <jansson.h>
#include <stdio.h>

#define ROOM (256 * 1024)

/* A nanosecond count is exact in a double, so this is the double nearest to its nine decimals. */
static json_t *seconds(int64_t ns)
{
    return json_real((double)ns / 1e9);
}

static json_t *output_of(const struct timeline *timeline)
{
    json_t *output = json_array();
    for (uint32_t i = 0; i < timeline_said(timeline); i++)
        (void)json_array_append_new(output, json_string(timeline_word(timeline, i)->bytes));
    return output;
}

static json_t *entries_of(const struct timeline *timeline)
{
    json_t *entries = json_array();
    for (uint32_t i = 0; i < timeline_said(timeline); i++) {
        json_t *entry = json_object();
        (void)json_object_set_new(entry, "at_seconds", seconds(timeline->entries[i].at_ns));
        (void)json_object_set_new(entry, "task", json_integer(timeline->entries[i].task));
        (void)json_object_set_new(entry, "says", json_string(timeline_word(timeline, i)->bytes));
        (void)json_array_append_new(entries, entry);
    }
    return entries;
}

static json_t *warnings_of(const struct timeline *timeline)
{
    json_t *warnings = json_array();
    for (uint32_t i = 0; i < timeline->never_awaited_count; i++)
        (void)json_array_append_new(
            warnings, json_sprintf("task %u: sleep was never awaited", timeline->never_awaited[i]));
    return warnings;
}

static json_t *answer_of(const struct timeline *timeline)
{
    json_t *answer = json_object();
    (void)json_object_set_new(answer, "endpoint", json_string(timeline->plan.endpoint->name));
    (void)json_object_set_new(answer, "output", output_of(timeline));
    (void)json_object_set_new(answer, "elapsed_seconds", seconds(timeline->elapsed_ns));
    if (timeline->plan.sleep == SLEEP_BLOCKING)
        (void)json_object_set_new(answer, "loop_blocked_seconds", seconds(timeline->blocked_ns));
    if (timeline->plan.timeline)
        (void)json_object_set_new(answer, "timeline", entries_of(timeline));
    if (timeline->plan.sleep == SLEEP_FORGOTTEN)
        (void)json_object_set_new(answer, "warnings", warnings_of(timeline));
    return answer;
}

static void check_against_jansson(const struct shown *shown)
{
    static char text[ROOM];
    json_t *expected = answer_of(shown->run->timeline);
    for (size_t i = 0; i < COUNT(piece_sizes); i++) {
        json_error_t error;
        size_t length = shown_text(shown, &json_view, piece_sizes[i], text, sizeof text);
        json_t *parsed = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
        if (parsed == NULL || !json_equal(parsed, expected))
            fail_msg("in pieces of %zu: %s", piece_sizes[i], text);
        assert_int_equal(text[length - 1], '\n');
        json_decref(parsed);
    }
    json_decref(expected);
}

static void is_what_jansson_would_be_given(void **state)
{
    (void)state;
    shown_each(check_against_jansson);
}

static void check_pieces_agree(const struct shown *shown)
{
    static char whole[ROOM];
    static char text[ROOM];
    (void)shown_text(shown, &json_view, 65536, whole, sizeof whole);
    for (size_t size = VIEW_ITEM_BYTES; size < VIEW_ITEM_BYTES + 60; size += 7) {
        (void)shown_text(shown, &json_view, size, text, sizeof text);
        assert_string_equal(text, whole);
    }
}

static void is_the_same_in_pieces_of_any_size(void **state)
{
    (void)state;
    shown_each(check_pieces_agree);
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
     "{\"endpoint\": \"parallel\", \"output\": [\"Hello\", \"Hello\", \"Hello\", \"World\", "
     "\"World\", \"World\"], \"elapsed_seconds\": 3.123456789}\n"},
    {&hi_endpoint, SLEEP_AWAITED, 1, true,
     "{\"endpoint\": \"hi\", \"output\": [\"Hello\", \"World\"], \"elapsed_seconds\": 3.123456789, "
     "\"timeline\": [{\"at_seconds\": 0.000000000, \"task\": 1, \"says\": \"Hello\"}, "
     "{\"at_seconds\": 3.123456789, \"task\": 1, \"says\": \"World\"}]}\n"},
    {&sequence_endpoint, SLEEP_BLOCKING, 1, false,
     "{\"endpoint\": \"sequence\", \"output\": [\"Hello\", \"World\"], "
     "\"elapsed_seconds\": 3.123456789, \"loop_blocked_seconds\": 3.123456789}\n"},
    {&parallel_endpoint, SLEEP_FORGOTTEN, 2, false,
     "{\"endpoint\": \"parallel\", \"output\": [\"Hello\", \"World\", \"Hello\", \"World\"], "
     "\"elapsed_seconds\": 0.000000000, \"warnings\": [\"task 1: sleep was never awaited\", "
     "\"task 2: sleep was never awaited\"]}\n"},
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
        (void)shown_text(&shown, &json_view, VIEW_ITEM_BYTES, text, sizeof text);
        assert_string_equal(text, golden->text);
        shown_free(&shown);
    }
}

/* elapsed_seconds stands behind what is said last, so nothing is sent before it is known. */
static void says_nothing_before_the_run_is_done(void **state)
{
    (void)state;
    char text[1000];
    struct shown shown;
    struct plan plan = shown_plan(&sequence_endpoint, SLEEP_AWAITED, 3, true);
    shown_start(&shown, &plan);
    while (!shown.done) {
        struct view_cursor cursor = {0};
        assert_int_equal(shown_pull(&shown, &json_view, &cursor, sizeof text, text), 0);
        assert_int_equal(cursor.part, 0);
        assert_true(virtual_clock_step(&shown.loop));
    }
    assert_false(json_view.live);
    shown_free(&shown);
}

/* A timeline needs no run. The longest words, times and numbers fit a piece of the least size. */
static void has_room_for_the_longest_item(void **state)
{
    (void)state;
    static char text[ROOM];
    char word[TIMELINE_WORD_BYTES + 1] = {0};
    struct plan plan = shown_plan(&hi_endpoint, SLEEP_AWAITED, 1, true);
    struct run run = {.timeline = timeline_init(malloc(timeline_bytes(&plan)), &plan)};
    struct shown shown = {.run = &run, .done = true};
    memset(word, 1, TIMELINE_WORD_BYTES);
    for (uint32_t i = 0; i < HI_SAYS; i++)
        timeline_say(run.timeline, INT64_MAX, UINT32_MAX, word);
    assert_int_equal(timeline_said(run.timeline), HI_SAYS);
    check_against_jansson(&shown);
    size_t length = shown_text(&shown, &json_view, VIEW_ITEM_BYTES, text, sizeof text);
    assert_non_null(memmem(text, length, "\\u0001\\u0001", 12));
    free(run.timeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_jansson_would_be_given),
        cmocka_unit_test(is_the_same_in_pieces_of_any_size),
        cmocka_unit_test(reads_like_the_contract),
        cmocka_unit_test(says_nothing_before_the_run_is_done),
        cmocka_unit_test(has_room_for_the_longest_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
