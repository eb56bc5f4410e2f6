#include "server/recorder/errands.h"

#include "server/loop/loop.h"
#include "server/recorder/reading.h"
#include "server/recorder/telling.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

void errand_run(struct recorder *recorder, struct errand *errand)
{
    FILE *to = NULL;
    reading_catch_up(recorder);
    struct recording *recording = recordings_find(&recorder->all, errand->run);
    errand->oldest = recorder->all.oldest == NULL ? 0 : recorder->all.oldest->number;
    if (errand->run == 0 || recording != NULL)
        to = open_memstream(&errand->answer, &errand->answer_bytes);
    if (to != NULL) {
        if (errand->run == 0) {
            write_recordings(to, recorder, errand);
        } else if (errand->view != NULL) {
            write_view(to, errand->view, recording);
        } else {
            tell_recording(to, recorder->epoch, recording, true);
            (void)fputc('\n', to);
        }
        if (fclose(to) != 0) { /* there is no memory */
            free(errand->answer);
            errand->answer = NULL;
        }
    }
    loop_post(errand->loop, &errand->letter);
}
