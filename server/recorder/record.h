/*
 * What the recorder has, and the letters that it and loops write to each other. A record, for the
 * files of this room and for those who send letters; recorder.h says what can be done with it.
 *
 * Thread: as recorder.h says of each part.
 */
#pragma once

#include "config/config.h"
#include "server/recorder/events.h"
#include "server/recorder/recordings.h"
#include "server/recorder/run_name.h"
#include "views/view.h"
#include <pthread.h>

struct loop;

enum letter_kind {
    LETTER_SHEET = SHEET_KIND,
    LETTER_ERRAND,
    LETTER_LOOK,     /* a viewer comes, or can take more */
    LETTER_LEAVE,    /* a viewer has left */
    LETTER_FAREWELL, /* and is not known any more */
    LETTER_DRAIN,
    LETTER_STOP,
};

/* A question, and its answer. The loop makes it, and frees it when it is back. */
struct errand {
    struct letter letter; /* always the first member */
    struct loop *loop;
    void *owner;             /* for the loop; NULL once nobody waits for the answer */
    uint64_t run;            /* one recording; 0: a list of them */
    const struct view *view; /* of one recording; NULL: the recording itself, as JSON */
    uint64_t before;         /* of the list: only older ones; 0: all */
    uint32_t limit;
    char request_id[65]; /* of the list: only those whose id begins so */
    char *answer;        /* free() it; NULL: there is no such run, or no memory */
    size_t answer_bytes;
    uint64_t oldest; /* the number of the oldest that is kept; 0: none is */
};

struct recorder {
    const struct config *config;
    struct tape *tapes; /* of each loop, and of the cage */
    int tape_count;
    char epoch[EPOCH_DIGITS + 1];
    pthread_t thread;
    bool is_running;
    int wake_fd;
    struct mailbox mailbox;
    atomic_int viewer_count;  /* that loops have let in */
    atomic_size_t kept_bytes; /* by recordings, and by what is not read yet */
    /* The thread's own. */
    struct sheet *unread;      /* the oldest; as long as nobody asks, nothing is read */
    struct sheet **unread_end; /* where the next is put */
    size_t unread_bytes;
    struct recordings all;
    struct events events;
    struct viewer *viewers;
    int64_t watched_until_ns; /* events are kept so long after the last viewer has left */
    int64_t second_ns;        /* the second that is counted in */
    uint32_t begun;           /* runs in it */
    uint32_t shown;           /* and how many of them are shown */
    bool is_draining;
    bool is_stopping;
};
