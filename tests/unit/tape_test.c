/*
 * The tape when nobody reads it: what is refused, what is lost and told so, and what never is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "handlers/endpoints.h"
#include "handlers/inside.h"
#include "server/recorder/tape.h"
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RUNS_MOST 20000

static const int64_t delay_ns = 1000;
static const struct plan plan = {
    .endpoint = &hi_endpoint, .delays_ns = &delay_ns, .delay_count = 1, .count = 1};

struct fixture {
    struct mailbox mailbox;
    struct tape tape;
    struct run *run;
    int firsts;
};

static void on_first(struct tape *tape)
{
    struct fixture *fixture = tape->owner;
    fixture->firsts++;
}

static void set_up(struct fixture *fixture)
{
    *fixture = (struct fixture){.firsts = 0};
    fixture->tape = (struct tape){.mailbox = &fixture->mailbox,
                                  .wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
                                  .owner = fixture,
                                  .on_first = on_first,
                                  .next_run = 1,
                                  .run_stride = 1};
    fixture->run = run_init(malloc(run_bytes(&plan)), &plan, 0);
}

static bool begin(struct fixture *fixture)
{
    const struct run_asked asked = {.plan = &plan,
                                    .method = {"GET", 3},
                                    .target = {"/hi?delay=1us", 13},
                                    .request_id = "tape-1",
                                    .at_ns = 7};
    return tape_begin(&fixture->tape, &fixture->tape, fixture->run, &asked);
}

static void say(struct fixture *fixture)
{
    const struct happening happening = {
        .entry = {.at_ns = 3, .task = 1}, .more = {.last = 1}, .word = "Hello"};
    fixture->run->on_happening(fixture->run, &happening);
}

/* Takes all that was handed over, and counts notes by kind. */
static int take(struct fixture *fixture, int kinds[NOTE_LATE + 1], bool *has_lost)
{
    int sheets = 0;
    tape_hand_over(&fixture->tape);
    struct letter *letter = mailbox_take(&fixture->mailbox);
    while (letter != NULL) {
        struct sheet *sheet = (struct sheet *)letter;
        letter = letter->next;
        for (size_t at = 0; at < sheet->bytes;) {
            const struct note *note = (const struct note *)(const void *)(sheet->notes + at);
            assert_in_range(note->kind, NOTE_BEGIN, NOTE_LATE);
            assert_in_range(note->bytes, sizeof *note, sheet->bytes - at);
            kinds[note->kind]++;
            at += note->bytes;
        }
        *has_lost = *has_lost || sheet->has_lost;
        (void)atomic_fetch_sub(&fixture->tape.sheets_out, 1);
        free(sheet);
        sheets++;
    }
    return sheets;
}

static void tear_down(struct fixture *fixture)
{
    int kinds[NOTE_LATE + 1] = {0};
    bool has_lost = false;
    (void)take(fixture, kinds, &has_lost);
    (void)close(fixture->tape.wake_fd);
    free(fixture->run);
}

static void what_is_noted_is_handed_over_once(void **state)
{
    struct fixture fixture;
    int kinds[NOTE_LATE + 1] = {0};
    bool has_lost = false;
    (void)state;
    set_up(&fixture);
    assert_true(begin(&fixture));
    assert_int_equal(fixture.run->record_number, 1);
    say(&fixture);
    say(&fixture);
    tape_end(&fixture.tape, 1, fixture.run, 9, RUN_DONE);
    tape_late(&fixture.tape, 5);
    assert_int_equal(fixture.firsts, 1);
    assert_int_equal(take(&fixture, kinds, &has_lost), 1);
    assert_int_equal(take(&fixture, kinds, &has_lost), 0);
    assert_int_equal(kinds[NOTE_BEGIN], 1);
    assert_int_equal(kinds[NOTE_HAPPENING], 2);
    assert_int_equal(kinds[NOTE_END], 1);
    assert_int_equal(kinds[NOTE_LATE], 1);
    assert_false(has_lost);
    tear_down(&fixture);
}

static void what_begins_is_read_as_it_was_asked_for(void **state)
{
    struct fixture fixture;
    (void)state;
    set_up(&fixture);
    assert_true(begin(&fixture));
    tape_hand_over(&fixture.tape);
    struct sheet *sheet = (struct sheet *)mailbox_take(&fixture.mailbox);
    struct note_begin *note = (struct note_begin *)(void *)sheet->notes;
    plan_moved(&note->plan, note + 1);
    const char *rest = (const char *)(note + 1) + plan_rest_bytes(&note->plan);
    assert_ptr_equal(note->plan.endpoint, &hi_endpoint);
    assert_int_equal(note->plan.delays_ns[0], 1000);
    assert_string_equal(note->method, "GET");
    assert_memory_equal(rest, "/hi?delay=1ustape-1", 19);
    free(sheet);
    tear_down(&fixture);
}

/* Of a recorder that does not read: first no run begins, then states are lost, ends never are. */
static void a_recorder_that_is_behind(void **state)
{
    struct fixture fixture;
    int kinds[NOTE_LATE + 1] = {0};
    bool has_lost = false;
    int begun = 0;
    int said = 0;
    (void)state;
    set_up(&fixture);
    while (begun < RUNS_MOST && begin(&fixture))
        begun++;
    assert_in_range(begun, 1000, RUNS_MOST - 1);
    assert_false(fixture.tape.has_lost);
    while (said < 100 * RUNS_MOST && !fixture.tape.has_lost) {
        say(&fixture);
        said++;
    }
    assert_in_range(said, 1000, 100 * RUNS_MOST - 1);
    for (int i = 1; i <= begun; i++)
        tape_end(&fixture.tape, (uint64_t)i, NULL, 1, RUN_CLIENT_LEFT);
    (void)take(&fixture, kinds, &has_lost);
    assert_int_equal(kinds[NOTE_BEGIN], begun);
    assert_int_equal(kinds[NOTE_HAPPENING], said - 1);
    assert_int_equal(kinds[NOTE_END], begun);
    assert_true(has_lost);
    assert_int_equal(atomic_load(&fixture.tape.sheets_out), 0);
    assert_true(begin(&fixture)); /* it has caught up */
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_noted_is_handed_over_once),
        cmocka_unit_test(what_begins_is_read_as_it_was_asked_for),
        cmocka_unit_test(a_recorder_that_is_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
