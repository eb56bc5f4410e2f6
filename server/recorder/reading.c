#include "server/recorder/reading.h"

#include "async/clock.h"
#include "server/recorder/telling.h"
#include "text/duration.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Of the runs that begin in a second, so many are shown. */
#define SHOWN_A_SECOND 50

/* Runs of many tasks are sampled so often while they are looked on at. */
#define SAMPLE_NS (100 * NS_PER_MS)

static int64_t wall_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool is_watched(const struct recorder *recorder, int64_t now_ns)
{
    return recorder->viewers != NULL || now_ns < recorder->watched_until_ns;
}

/* What is written between writing_begin() and event_end() becomes an event. */
struct writing {
    FILE *to;
    char *text;
    size_t bytes;
};

static bool writing_begin(struct writing *writing)
{
    *writing = (struct writing){.to = NULL};
    writing->to = open_memstream(&writing->text, &writing->bytes);
    return writing->to != NULL;
}

static void event_end(struct recorder *recorder, struct writing *writing,
                      const struct recording *recording)
{
    struct text nobody = {"", 0};
    if (fclose(writing->to) == 0 && writing->bytes > 0)
        events_add(&recorder->events, recorder->epoch, recording == NULL ? 0 : recording->number,
                   recording == NULL ? nobody : recording->request_id, writing->text,
                   writing->bytes);
    free(writing->text);
}

static void tell_all_news(struct recorder *recorder, struct recording *recording)
{
    struct writing writing;
    bool has_more = recording->is_shown;
    while (has_more && writing_begin(&writing)) {
        has_more = tell_news(writing.to, recorder->epoch, recording);
        event_end(recorder, &writing, recording);
    }
    recording->is_touched = false;
}

static void tell_run(struct recorder *recorder, const struct recording *recording,
                     void (*tell)(FILE *to, const char *epoch, const struct recording *recording))
{
    struct writing writing;
    if (!recording->is_shown || !writing_begin(&writing))
        return;
    tell(writing.to, recorder->epoch, recording);
    event_end(recorder, &writing, recording);
}

static void tell_rate(struct recorder *recorder)
{
    struct writing writing;
    if (!writing_begin(&writing))
        return;
    (void)fprintf(writing.to, "event: rate\ndata: {\"runs_per_second\": %u, \"shown\": %u}\n\n",
                  recorder->begun, recorder->shown);
    event_end(recorder, &writing, NULL);
}

static void tell_late(struct recorder *recorder, int loop, int64_t late_ns)
{
    struct writing writing;
    if (!writing_begin(&writing))
        return;
    (void)fprintf(writing.to, "event: loop\ndata: {\"loop\": %d, \"late_seconds\": %.3f}\n\n",
                  loop + 1, (double)late_ns / 1e9);
    event_end(recorder, &writing, NULL);
}

/* ---- notes ----------------------------------------------------------------------------------- */

void reading_count_second(struct recorder *recorder, int64_t now_ns)
{
    if (now_ns - recorder->second_ns < NS_PER_SECOND)
        return;
    if (recorder->begun > SHOWN_A_SECOND && is_watched(recorder, now_ns))
        tell_rate(recorder);
    recorder->second_ns = now_ns;
    recorder->begun = 0;
    recorder->shown = 0;
}

static void on_begin(struct recorder *recorder, struct note_begin *note, int loop, int64_t now_ns,
                     int64_t wall_ns)
{
    struct recording *recording = recordings_begin(&recorder->all, note, loop, now_ns, wall_ns);
    recorder->begun++;
    if (recording == NULL)
        return;
    recording->is_shown = recorder->shown < SHOWN_A_SECOND && is_watched(recorder, now_ns);
    recorder->shown += recording->is_shown;
    tell_run(recorder, recording, tell_beginning);
}

/* Of runs of many tasks who looks on gets samples, from what each task does. */
static void sample(struct recorder *recorder, struct recording *recording,
                   const struct note_happening *note)
{
    bool is_large = plan_numbered_tasks(&recording->plan) > SHOWN_TASKS;
    if (!recording->is_shown || !is_large || note->word != NULL)
        return;
    if (note->entry.at_ns - recording->sampled_at_ns >= SAMPLE_NS) {
        recording_sample(&recorder->all, recording, note->entry.at_ns, recording->in);
        recording->sampled_at_ns = note->entry.at_ns;
    }
    recording_count(recording, &note->entry, note->more.last);
}

static void on_end(struct recorder *recorder, struct recording *recording,
                   const struct note_end *note)
{
    if (note->outcome == RUN_REFUSED) {
        recordings_forget(&recorder->all, recording);
        return;
    }
    if (note->outcome == RUN_CLIENT_LEFT || note->outcome == RUN_DRAINED)
        recording_cut(&recorder->all, recording, note->elapsed_ns,
                      note->outcome == RUN_DRAINED ? REASON_DRAINED : REASON_CLIENT_LEFT);
    tell_all_news(recorder, recording);
    recording->outcome = (enum run_outcome)note->outcome;
    recorder->all.running--;
    recording->has_begun = true;
    recording->elapsed_ns = note->elapsed_ns;
    recording->blocked_ns = note->blocked_ns;
    recording->error = note->error;
    tell_run(recorder, recording, tell_end);
}

/* Of its loop, those that run may have lost something. */
static void mark_incomplete(struct recorder *recorder, int loop)
{
    for (struct recording *at = recorder->all.newest; at != NULL; at = at->older)
        if (at->loop == loop && at->outcome == RUN_RUNNING)
            at->is_complete = false;
}

static void read_note(struct recorder *recorder, struct note *note, int loop, int64_t now_ns,
                      int64_t wall_ns)
{
    if (note->kind == NOTE_BEGIN) {
        on_begin(recorder, (struct note_begin *)note, loop, now_ns, wall_ns);
        return;
    }
    if (note->kind == NOTE_LATE) {
        if (is_watched(recorder, now_ns))
            tell_late(recorder, loop, ((const struct note_late *)note)->late_ns);
        return;
    }
    struct recording *recording = recordings_find(&recorder->all, note->run);
    if (recording == NULL || recording->outcome != RUN_RUNNING)
        return;
    recording->is_touched = true;
    if (note->kind == NOTE_HAPPENING) {
        sample(recorder, recording, (const struct note_happening *)note);
        recording_add(&recorder->all, recording, (const struct note_happening *)note);
    } else if (note->kind == NOTE_DENSITY) {
        const struct note_density *density = (const struct note_density *)note;
        recording_sample(&recorder->all, recording, density->at_ns, density->in);
    } else {
        on_end(recorder, recording, (const struct note_end *)note);
    }
}

static size_t bytes_of(const struct sheet *sheet)
{
    return sizeof *sheet + sheet->bytes;
}

static struct sheet *take_unread(struct recorder *recorder)
{
    struct sheet *sheet = recorder->unread;
    recorder->unread_bytes -= bytes_of(sheet);
    recorder->unread = sheet->newer;
    if (recorder->unread == NULL)
        recorder->unread_end = &recorder->unread;
    return sheet;
}

static void read_sheet(struct recorder *recorder, struct sheet *sheet, int64_t now_ns)
{
    int64_t wall_ns = wall_now_ns();
    int loop = (int)(sheet->tape - recorder->tapes);
    if (sheet->has_lost)
        mark_incomplete(recorder, loop);
    for (size_t at = 0; at < sheet->bytes;) {
        struct note *note = (struct note *)(void *)(sheet->notes + at);
        reading_count_second(recorder, now_ns);
        read_note(recorder, note, loop, now_ns, wall_ns);
        at += note->bytes;
    }
    for (size_t at = 0; is_watched(recorder, now_ns) && at < sheet->bytes;) {
        const struct note *note = (const struct note *)(const void *)(sheet->notes + at);
        struct recording *recording =
            note->kind == NOTE_LATE ? NULL : recordings_find(&recorder->all, note->run);
        if (recording != NULL && recording->is_touched)
            tell_all_news(recorder, recording);
        at += note->bytes;
    }
    free(sheet);
}

static void read_unread(struct recorder *recorder)
{
    int64_t now_ns = clock_now_ns();
    while (recorder->unread != NULL)
        read_sheet(recorder, take_unread(recorder), now_ns);
}

/* Nobody will ever read it, but that the runs in it which are known are over. */
static void drop_unread(struct recorder *recorder)
{
    struct sheet *sheet = take_unread(recorder);
    for (size_t at = 0; recorder->all.running > 0 && at < sheet->bytes;) {
        const struct note *note = (const struct note *)(const void *)(sheet->notes + at);
        struct recording *recording =
            note->kind == NOTE_END ? recordings_find(&recorder->all, note->run) : NULL;
        if (recording != NULL && recording->outcome == RUN_RUNNING) {
            recording->is_complete = false;
            on_end(recorder, recording, (const struct note_end *)note);
        }
        at += note->bytes;
    }
    free(sheet);
}

/* The oldest go first: what was read before what was not. */
static void trim(struct recorder *recorder)
{
    size_t most_bytes = (size_t)recorder->config->record_bytes;
    while (recorder->all.bytes + recorder->unread_bytes > most_bytes) {
        if (recorder->all.oldest != NULL)
            recordings_forget(&recorder->all, recorder->all.oldest);
        else
            drop_unread(recorder);
    }
    atomic_store(&recorder->kept_bytes, recorder->all.bytes + recorder->unread_bytes);
}

/* Most are far from full when their time is over. */
void reading_keep(struct recorder *recorder, struct sheet *sheet)
{
    (void)atomic_fetch_sub_explicit(&sheet->tape->sheets_out, 1, memory_order_relaxed);
    if (sheet->bytes < sheet->room_bytes / 2) {
        struct sheet *smaller = realloc(sheet, bytes_of(sheet));
        if (smaller != NULL)
            sheet = smaller;
    }
    sheet->newer = NULL;
    *recorder->unread_end = sheet;
    recorder->unread_end = &sheet->newer;
    recorder->unread_bytes += bytes_of(sheet);
    if (is_watched(recorder, clock_now_ns()))
        read_unread(recorder);
    trim(recorder);
}

void reading_catch_up(struct recorder *recorder)
{
    read_unread(recorder);
    trim(recorder);
}

void reading_forget(struct recorder *recorder)
{
    while (recorder->unread != NULL)
        free(take_unread(recorder));
    while (recorder->all.oldest != NULL)
        recordings_forget(&recorder->all, recorder->all.oldest);
}
