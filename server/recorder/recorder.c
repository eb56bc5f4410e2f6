#include "server/recorder/recorder.h"

#include "async/clock.h"
#include "server/loop/loop.h"
#include "server/recorder/telling.h"
#include "text/duration.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* Of the runs that begin in a second, so many are shown. */
#define SHOWN_A_SECOND 50

/* A viewer hears something so often, so that proxies between us do not think that it has ended. */
#define PING_NS (15 * NS_PER_SECOND)

/* Events are kept so long for a viewer that has lost its connection. */
#define GAP_NS (60 * NS_PER_SECOND)

/* Runs of many tasks are sampled so often while they are looked on at. */
#define SAMPLE_NS (100 * NS_PER_MS)

static int64_t wall_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

void recorder_post(struct recorder *recorder, struct letter *letter)
{
    if (mailbox_put(&recorder->mailbox, letter))
        (void)eventfd_write(recorder->wake_fd, 1);
}

struct tape *recorder_tape(struct recorder *recorder, int index)
{
    return recorder->tapes == NULL ? NULL : &recorder->tapes[index];
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool is_watched(const struct recorder *recorder, int64_t now_ns)
{
    return recorder->viewers != NULL || now_ns < recorder->watched_until_ns;
}

/* What is written between event_begin() and event_end() becomes an event. */
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

static void count_second(struct recorder *recorder, int64_t now_ns)
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
        count_second(recorder, now_ns);
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
static void keep_sheet(struct recorder *recorder, struct sheet *sheet)
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

/* ---- errands --------------------------------------------------------------------------------- */

/* By any view of a run. */
static void write_view(FILE *to, const struct view *view, const struct recording *recording)
{
    char piece[4096];
    struct view_cursor cursor = {0};
    struct timeline *timeline = recording_timeline(recording, view->needs_states);
    if (timeline == NULL)
        return;
    if (view->program != NULL) {
        size_t bytes = view->program(&timeline->plan, NULL);
        char *text = malloc(bytes);
        if (text != NULL)
            (void)fwrite(text, 1, view->program(&timeline->plan, text), to);
        free(text);
    }
    while (view->program == NULL && cursor.part != VIEW_END) {
        size_t bytes = view_write(view, timeline, true, &cursor, piece, sizeof piece);
        (void)fwrite(piece, 1, bytes, to);
    }
    free(timeline);
}

static void write_recordings(FILE *to, const struct recorder *recorder, const struct errand *errand)
{
    const char *separator = "";
    uint32_t left = errand->limit;
    size_t prefix_bytes = strlen(errand->request_id);
    char name[RUN_NAME_BYTES];
    (void)fprintf(to, "{\"epoch\": \"%s\", \"runs\": [", recorder->epoch);
    const struct recording *at = recorder->all.newest;
    if (errand->before != 0) {
        at = recordings_find(&recorder->all, errand->before);
        at = at == NULL ? NULL : at->older;
    }
    for (; at != NULL && left > 0; at = at->older) {
        if (at->request_id.length < prefix_bytes ||
            memcmp(at->request_id.bytes, errand->request_id, prefix_bytes) != 0)
            continue;
        (void)fputs(separator, to);
        tell_recording(to, recorder->epoch, at, false);
        separator = ", ";
        left--;
    }
    if (recorder->all.oldest != NULL) {
        run_name(recorder->epoch, recorder->all.oldest->number, name);
        (void)fprintf(to, "], \"oldest\": \"%s\"}\n", name);
    } else {
        (void)fputs("], \"oldest\": null}\n", to);
    }
}

static void run_errand(struct recorder *recorder, struct errand *errand)
{
    struct writing writing;
    read_unread(recorder);
    trim(recorder);
    struct recording *recording = recordings_find(&recorder->all, errand->run);
    errand->oldest = recorder->all.oldest == NULL ? 0 : recorder->all.oldest->number;
    if ((errand->run == 0 || recording != NULL) && writing_begin(&writing)) {
        if (errand->run == 0) {
            write_recordings(writing.to, recorder, errand);
        } else if (errand->view != NULL) {
            write_view(writing.to, errand->view, recording);
        } else {
            tell_recording(writing.to, recorder->epoch, recording, true);
            (void)fputc('\n', writing.to);
        }
        bool is_whole = fclose(writing.to) == 0;
        errand->answer = is_whole ? writing.text : NULL;
        errand->answer_bytes = writing.bytes;
        if (!is_whole)
            free(writing.text);
    }
    loop_post(errand->loop, &errand->letter);
}

/* ---- viewers --------------------------------------------------------------------------------- */

static void greet(struct recorder *recorder, struct viewer *viewer)
{
    const struct config *config = recorder->config;
    char *at = viewer->piece;
    size_t room = sizeof viewer->piece;
    uint64_t next = viewer->after + 1;
    bool is_there =
        viewer->is_of_epoch && next >= recorder->events.first && next <= recorder->events.next;
    at += snprintf(at, room,
                   "retry: 1000\n\nevent: server\ndata: {\"epoch\": \"%s\", \"version\": \"%s\", "
                   "\"limits\": {\"max_delay\": %.9g, \"max_count\": %lld}, \"draining\": %s}\n\n",
                   recorder->epoch, AWAITD_VERSION, (double)config->max_delay_ns / 1e9,
                   (long long)config->max_count, recorder->is_draining ? "true" : "false");
    if (viewer->has_after && !is_there)
        at += snprintf(at, room - (size_t)(at - viewer->piece),
                       "event: missed\ndata: {\"after\": \"%s-%llu\"}\n\n",
                       viewer->is_of_epoch ? recorder->epoch : "other",
                       (unsigned long long)viewer->after);
    viewer->piece_bytes = (size_t)(at - viewer->piece);
    viewer->at = viewer->has_after && is_there ? next : recorder->events.next;
    viewer->is_greeted = true;
}

/* The viewer is the loop's until it sends it back. */
static void serve(struct recorder *recorder, struct viewer *viewer, int64_t now_ns)
{
    static const char bye[] = "event: bye\ndata: {\"reason\": \"drained\"}\n\n";
    if (!viewer->is_waiting)
        return;
    viewer->piece_bytes = 0;
    if (!viewer->is_greeted)
        greet(recorder, viewer);
    events_fill(&recorder->events, recorder->epoch, viewer);
    bool is_through = viewer->at == recorder->events.next;
    if (recorder->is_draining && is_through && viewer->piece_bytes + sizeof bye <= PIECE_BYTES) {
        memcpy(viewer->piece + viewer->piece_bytes, bye, sizeof bye - 1);
        viewer->piece_bytes += sizeof bye - 1;
        viewer->is_last = true;
    }
    if (viewer->piece_bytes == 0 && now_ns - viewer->told_at_ns >= PING_NS) {
        memcpy(viewer->piece, ": ping\n\n", 8);
        viewer->piece_bytes = 8;
    }
    if (viewer->piece_bytes == 0)
        return;
    viewer->told_at_ns = now_ns;
    viewer->is_waiting = false;
    loop_post(viewer->loop, &viewer->letter);
}

static void on_look(struct recorder *recorder, struct viewer *viewer)
{
    if (!viewer->is_greeted) {
        read_unread(recorder);
        trim(recorder);
        viewer->next_viewer = recorder->viewers;
        recorder->viewers = viewer;
    }
    viewer->is_waiting = !viewer->is_last;
}

static void on_leave(struct recorder *recorder, struct viewer *viewer)
{
    struct viewer **at = &recorder->viewers;
    while (*at != NULL && *at != viewer)
        at = &(*at)->next_viewer;
    if (*at != NULL) /* HEAD never comes so far */
        *at = viewer->next_viewer;
    recorder->watched_until_ns = clock_now_ns() + GAP_NS;
    viewer->farewell.kind = LETTER_FAREWELL;
    loop_post(viewer->loop, &viewer->farewell);
}

/* ---- its thread ------------------------------------------------------------------------------ */

static void read_letter(struct recorder *recorder, struct letter *letter)
{
    switch ((enum letter_kind)letter->kind) {
    case LETTER_SHEET:
        keep_sheet(recorder, (struct sheet *)letter);
        break;
    case LETTER_ERRAND:
        run_errand(recorder, (struct errand *)letter);
        break;
    case LETTER_LOOK:
        on_look(recorder, container_of(letter, struct viewer, letter));
        break;
    case LETTER_LEAVE:
        on_leave(recorder, container_of(letter, struct viewer, leave));
        break;
    case LETTER_DRAIN:
        recorder->is_draining = true;
        free(letter);
        break;
    case LETTER_STOP:
        recorder->is_stopping = true;
        free(letter);
        break;
    case LETTER_FAREWELL:
        break;
    }
}

static void *thread_main(void *argument)
{
    struct recorder *recorder = argument;
    struct pollfd woken = {.fd = recorder->wake_fd, .events = POLLIN};
    while (!recorder->is_stopping) {
        eventfd_t times;
        (void)poll(&woken, 1, recorder->viewers != NULL ? 1000 : -1);
        (void)eventfd_read(recorder->wake_fd, &times);
        struct letter *letter = mailbox_take(&recorder->mailbox);
        while (letter != NULL) {
            struct letter *next = letter->next;
            read_letter(recorder, letter);
            letter = next;
        }
        int64_t now_ns = clock_now_ns();
        if (recorder->viewers != NULL)
            count_second(recorder, now_ns);
        for (struct viewer *at = recorder->viewers; at != NULL; at = at->next_viewer)
            serve(recorder, at, now_ns);
    }
    return NULL;
}

int recorder_start(struct recorder *recorder, const struct config *config, int loop_count)
{
    uint16_t drawn = 0;
    *recorder =
        (struct recorder){.config = config, .wake_fd = -1, .events = {.first = 1, .next = 1}};
    if (config->live != CONFIG_ON)
        return 0;
    if (getrandom(&drawn, sizeof drawn, 0) != (ssize_t)sizeof drawn)
        drawn = (uint16_t)clock_now_ns();
    (void)snprintf(recorder->epoch, sizeof recorder->epoch, "%04x", drawn);
    recorder->unread_end = &recorder->unread;
    recorder->tape_count = loop_count + 1;
    recorder->tapes = calloc((size_t)recorder->tape_count, sizeof *recorder->tapes);
    recorder->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (recorder->tapes == NULL || recorder->wake_fd < 0)
        return errno;
    for (int i = 0; i < recorder->tape_count; i++) {
        recorder->tapes[i].mailbox = &recorder->mailbox;
        recorder->tapes[i].wake_fd = recorder->wake_fd;
        recorder->tapes[i].cage = &recorder->tapes[loop_count];
        recorder->tapes[i].next_run = (uint64_t)i + 1;
        recorder->tapes[i].run_stride = (uint64_t)loop_count;
    }
    int error = pthread_create(&recorder->thread, NULL, thread_main, recorder);
    recorder->is_running = error == 0;
    return error;
}

void recorder_stop(struct recorder *recorder)
{
    if (recorder->is_running) {
        struct letter *letter = malloc(sizeof *letter);
        if (letter == NULL)
            return; /* the process ends anyway */
        letter->kind = LETTER_STOP;
        for (int i = 0; i < recorder->tape_count; i++)
            tape_hand_over(&recorder->tapes[i]);
        recorder_post(recorder, letter);
        (void)pthread_join(recorder->thread, NULL);
    }
    while (recorder->unread != NULL)
        free(take_unread(recorder));
    while (recorder->all.oldest != NULL)
        recordings_forget(&recorder->all, recorder->all.oldest);
    events_free(&recorder->events);
    free(recorder->tapes);
    if (recorder->wake_fd >= 0)
        (void)close(recorder->wake_fd);
}
