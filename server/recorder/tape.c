#include "server/recorder/tape.h"

#include "text/duration.h"
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define SHEET_BYTES ((size_t)32 * 1024)

/* With so many sheets unread no run begins to be recorded; with so many more nothing is noted but
   ends. */
#define SHEETS_FOR_BEGINNINGS 32
#define SHEETS_MOST           64

static size_t aligned(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

void tape_hand_over(struct tape *tape)
{
    struct sheet *sheet = tape->sheet;
    if (sheet == NULL)
        return;
    sheet->has_lost = tape->has_lost;
    tape->has_lost = false;
    tape->sheet = NULL;
    (void)atomic_fetch_add_explicit(&tape->sheets_out, 1, memory_order_relaxed);
    sheet->letter.kind = SHEET_KIND;
    if (mailbox_put(tape->mailbox, &sheet->letter))
        (void)eventfd_write(tape->wake_fd, 1);
}

/* Room for a note; NULL: there is none, and what it would have said is lost. */
static void *note(struct tape *tape, enum note_kind kind, uint64_t run, size_t bytes)
{
    struct sheet *sheet = tape->sheet;
    bytes = aligned(bytes);
    if (sheet != NULL && sheet->bytes + bytes > sheet->room_bytes) {
        tape_hand_over(tape);
        sheet = NULL;
    }
    if (sheet == NULL) {
        unsigned out = atomic_load_explicit(&tape->sheets_out, memory_order_relaxed);
        size_t room_bytes = bytes > SHEET_BYTES ? bytes : SHEET_BYTES;
        bool is_full = kind != NOTE_END && out >= SHEETS_MOST;
        sheet = is_full ? NULL : malloc(sizeof *sheet + room_bytes);
        if (sheet == NULL) {
            tape->has_lost = true;
            return NULL;
        }
        sheet->tape = tape;
        sheet->bytes = 0;
        sheet->room_bytes = room_bytes;
        tape->sheet = sheet;
        if (tape->on_first != NULL)
            tape->on_first(tape);
    }
    struct note *made = (struct note *)(void *)(sheet->notes + sheet->bytes);
    sheet->bytes += bytes;
    *made = (struct note){.bytes = (uint32_t)bytes, .kind = kind, .run = run};
    return made;
}

static void on_happening(struct run *run, const struct happening *happening)
{
    struct note_happening *made =
        note(run->record, NOTE_HAPPENING, run->record_number, sizeof *made);
    if (made == NULL)
        return;
    made->entry = happening->entry;
    made->more = happening->more;
    made->word = happening->word;
    if (happening->entry.what == (ENTRY_STATE | TASK_BLOCKING))
        tape_hand_over(run->record); /* this thread is about to be held */
}

/* A task ends out of its wait, or before it has begun. */
static void count(struct crowd *crowd, const struct happening *happening)
{
    uint32_t tasks = happening->more.last - happening->entry.task + 1;
    unsigned state = happening->entry.what & ~(unsigned)ENTRY_STATE;
    uint32_t *left =
        crowd->in[TASK_BLOCKING] > 0 ? &crowd->in[TASK_BLOCKING] : &crowd->in[TASK_WAITING];
    if (state == TASK_READY)
        return;
    if (state == TASK_DONE || state == TASK_FAILED ||
        (state == TASK_CANCELLED && !happening->is_idle))
        *left -= *left < tasks ? *left : tasks;
    crowd->in[state] += tasks;
    crowd->at_ns = happening->entry.at_ns;
}

static void note_crowd(struct tape *tape, uint64_t run, const struct crowd *crowd)
{
    struct note_density *made = note(tape, NOTE_DENSITY, run, sizeof *made);
    if (made == NULL)
        return;
    made->at_ns = crowd->at_ns;
    memcpy(made->in, crowd->in, sizeof made->in);
}

/* What was, is told before it changes. */
static void on_crowd(struct run *run, const struct happening *happening)
{
    struct crowd *crowd = run->crowd;
    if (happening->word != NULL)
        return;
    if (happening->entry.at_ns >= crowd->due_ns) {
        note_crowd(run->record, run->record_number, crowd);
        crowd->due_ns = happening->entry.at_ns + crowd->every_ns;
    }
    count(crowd, happening);
}

/* So often that the picture of the whole has some hundred samples. */
static int64_t crowd_every_ns(const struct plan *plan)
{
    int64_t every_ns = plan_duration_ns(plan) / 200;
    return every_ns < NS_PER_MS ? NS_PER_MS : every_ns;
}

bool tape_begin(struct tape *tape, struct tape *runs_on, struct run *run,
                const struct run_asked *asked)
{
    const struct plan *plan = asked->plan;
    size_t rest_bytes = aligned(plan_rest_bytes(plan));
    size_t id_bytes = strlen(asked->request_id);
    size_t bytes = sizeof(struct note_begin) + rest_bytes + asked->target.length + id_bytes;
    if (atomic_load_explicit(&tape->sheets_out, memory_order_relaxed) >= SHEETS_FOR_BEGINNINGS)
        return false;
    uint64_t number = tape->next_run;
    struct note_begin *made = note(tape, NOTE_BEGIN, number, bytes);
    if (made == NULL)
        return false;
    char *rest = (char *)(made + 1);
    tape->next_run += tape->run_stride;
    plan_copy(&made->plan, rest, plan);
    made->at_ns = asked->at_ns;
    made->target_bytes = (uint32_t)asked->target.length;
    made->id_bytes = (uint32_t)id_bytes;
    memset(made->method, 0, sizeof made->method);
    memcpy(made->method, asked->method.bytes, asked->method.length < 7 ? asked->method.length : 7);
    memcpy(rest + rest_bytes, asked->target.bytes, asked->target.length);
    memcpy(rest + rest_bytes + asked->target.length, asked->request_id, id_bytes);
    if (run->crowd != NULL)
        run->crowd->every_ns = crowd_every_ns(plan);
    run_watch(run, run->crowd != NULL ? on_crowd : on_happening, runs_on, number);
    return true;
}

void tape_end(struct tape *tape, uint64_t number, const struct run *run, int64_t elapsed_ns,
              enum run_outcome outcome)
{
    if (run != NULL && run->crowd != NULL)
        note_crowd(tape, number, run->crowd);
    struct note_end *made = note(tape, NOTE_END, number, sizeof *made);
    if (made == NULL)
        return;
    made->elapsed_ns = elapsed_ns;
    made->outcome = outcome;
    made->blocked_ns = run == NULL ? 0 : run->timeline->blocked_ns;
    made->error = run == NULL ? 0 : run->timeline->error;
}

void tape_late(struct tape *tape, int64_t late_ns)
{
    struct note_late *made = note(tape, NOTE_LATE, 0, sizeof *made);
    if (made != NULL)
        made->late_ns = late_ns;
}
