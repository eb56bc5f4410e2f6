#include "server/recorder/recorder.h"

#include "async/clock.h"
#include "server/base/list.h"
#include "server/recorder/errands.h"
#include "server/recorder/reading.h"
#include "server/recorder/viewers.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

void recorder_post(struct recorder *recorder, struct letter *letter)
{
    if (mailbox_put(&recorder->mailbox, letter))
        (void)eventfd_write(recorder->wake_fd, 1);
}

struct tape *recorder_tape(struct recorder *recorder, int index)
{
    return recorder->tapes == NULL ? NULL : &recorder->tapes[index];
}

/* ---- its thread ------------------------------------------------------------------------------ */

static void read_letter(struct recorder *recorder, struct letter *letter)
{
    switch ((enum letter_kind)letter->kind) {
    case LETTER_SHEET:
        reading_keep(recorder, (struct sheet *)letter);
        break;
    case LETTER_ERRAND:
        errand_run(recorder, (struct errand *)letter);
        break;
    case LETTER_LOOK:
        viewer_look(recorder, container_of(letter, struct viewer, letter));
        break;
    case LETTER_LEAVE:
        viewer_leave(recorder, container_of(letter, struct viewer, leave));
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
            reading_count_second(recorder, now_ns);
        viewers_serve(recorder, now_ns);
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
    reading_forget(recorder);
    events_free(&recorder->events);
    free(recorder->tapes);
    if (recorder->wake_fd >= 0)
        (void)close(recorder->wake_fd);
}
