/*
 * A tape: what one thread that turns runs tells the recorder of them. It is written into a sheet of
 * memory without a lock or a system call, and the sheet is handed over when it is full, or 16 ms
 * after its first note.
 *
 * A recorder that is behind has only so many sheets: then runs begin unrecorded, and those that are
 * recorded lose states, which is told. The end of a run is never lost.
 *
 * Owner: the recorder; each loop has one, and the cage. Thread: the one that it belongs to.
 */
#pragma once

#include "handlers/run.h"
#include "server/base/mailbox.h"
#include <stdatomic.h>

/* What a run was asked for as. Lent for the call. */
struct run_asked {
    const struct plan *plan;
    struct text method;
    struct text target;
    const char *request_id;
    int64_t at_ns; /* monotonic: what its times count from */
};

enum run_outcome {
    RUN_RUNNING,
    RUN_DONE,
    RUN_FAILED,
    RUN_CLIENT_LEFT,
    RUN_DRAINED,
    RUN_REFUSED, /* it never began, and is forgotten */
};

enum note_kind {
    NOTE_BEGIN,
    NOTE_HAPPENING,
    NOTE_DENSITY,
    NOTE_END,
    NOTE_LATE,
};

/* Each note begins with this; its size is a multiple of 8. */
struct note {
    uint32_t bytes;
    uint32_t kind;
    uint64_t run;
};

struct note_begin {
    struct note note;
    struct plan plan; /* what it points to follows */
    int64_t at_ns;
    uint32_t target_bytes; /* behind the plan's rest, and then the request id */
    uint32_t id_bytes;
    char method[8];
};

struct note_happening {
    struct note note;
    struct entry entry;
    struct entry_more more;
    const char *word;
};

/* Of a run that is too large to be told task by task: how many were in which state. */
struct note_density {
    struct note note;
    int64_t at_ns;
    uint32_t in[TASK_STATES];
};

struct note_end {
    struct note note;
    int64_t elapsed_ns;
    int64_t blocked_ns;
    uint32_t outcome;
    uint32_t error;
};

/* Its loop was held up. `run` is the loop's number. */
struct note_late {
    struct note note;
    int64_t late_ns;
};

struct sheet {
    struct letter letter; /* always the first member */
    struct sheet *newer;  /* the recorder's */
    struct tape *tape;
    size_t bytes; /* of notes */
    size_t room_bytes;
    bool has_lost; /* notes before it */
    _Alignas(8) char notes[];
};

/* What a sheet is as a letter. */
#define SHEET_KIND 0

struct tape {
    struct mailbox *mailbox; /* the recorder's, and what wakes it */
    int wake_fd;
    struct tape *cage;                   /* the cage's */
    void *owner;                         /* for who set on_first */
    struct sheet *sheet;                 /* NULL: nothing is noted */
    void (*on_first)(struct tape *tape); /* a sheet has its first note, and is to be handed over in
                                            TAPE_MS; may be NULL */
    atomic_uint sheets_out;              /* handed over, and not read yet */
    uint64_t next_run; /* numbers are told apart by loop, so that nobody shares a counter */
    uint64_t run_stride;
    bool has_lost;
};

#define TAPE_MS 16

/* Begins to record a run that is about to start, and remembers its number in it; false: it is not
   recorded. `runs_on` is the tape of the thread that it runs on. */
bool tape_begin(struct tape *tape, struct tape *runs_on, struct run *run,
                const struct run_asked *asked);

/* The run of this number is over. `run` is NULL where it was given up, and may still be in use. */
void tape_end(struct tape *tape, uint64_t number, const struct run *run, int64_t elapsed_ns,
              enum run_outcome outcome);

/* The loop was held up for so long. */
void tape_late(struct tape *tape, int64_t late_ns);

/* Hands over what was noted. */
void tape_hand_over(struct tape *tape);
