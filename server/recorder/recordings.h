/*
 * The recordings: of each run what was asked for, what happened, and how it came out. They share so
 * many bytes; the oldest go first.
 *
 * Private to the recorder's thread, which owns them. */
#pragma once

#include "server/recorder/tape.h"

/* The most samples that are kept of such a run; when there are more, every second one goes. */
#define DENSITY_MOST 512

/* Above this, those who look on while it runs get samples as well. */
#define SHOWN_TASKS 64

struct sample {
    int64_t at_ns;
    uint32_t in[TASK_STATES];
    uint32_t ready; /* may go on, and was not let yet */
};

struct recording {
    struct recording *older; /* by when they began */
    struct recording *newer;
    struct recording *same_hash; /* the next in its chain */
    uint64_t number;
    int loop;
    int64_t started_at_ns; /* since the epoch */
    int64_t at_ns;         /* monotonic, the same moment */
    int64_t queued_ns;     /* so long it waited for the cage */
    struct plan plan;
    struct text target;
    struct text request_id;
    char method[8];
    enum run_outcome outcome;
    bool has_begun;   /* it is not queued any more */
    bool is_complete; /* nothing of it was lost */
    bool is_shown;    /* to those who look on while it runs */
    bool is_touched;  /* something new of it is to be shown */
    uint32_t error;   /* as in struct timeline */
    int64_t elapsed_ns;
    int64_t blocked_ns;
    struct text words[TIMELINE_WORDS];
    struct entry *entries;
    struct entry_more *more;
    uint32_t count;
    uint32_t room;
    uint32_t told; /* so many entries were shown */
    struct sample *samples;
    uint32_t sample_count;
    uint32_t samples_told;
    uint32_t every;   /* of so many samples, one is kept */
    uint32_t skipped; /* since then */
    int64_t sampled_at_ns;
    uint8_t *states; /* of each task, where more than SHOWN_TASKS are looked on at */
    uint32_t in[TASK_STATES];
    size_t bytes;
    char behind[]; /* the plan's rest, the target, the request id */
};

#define CHAINS 4096

struct recordings {
    struct recording *oldest;
    struct recording *newest;
    struct recording *chains[CHAINS];
    size_t bytes;
    uint32_t running;
};

/* NULL: there is no memory. `now_ns` is monotonic, `wall_ns` the same moment since the epoch. */
struct recording *recordings_begin(struct recordings *all, struct note_begin *note, int loop,
                                   int64_t now_ns, int64_t wall_ns);

/* NULL: it is not kept, or never was. */
struct recording *recordings_find(const struct recordings *all, uint64_t number);

void recording_add(struct recordings *all, struct recording *recording,
                   const struct note_happening *note);
void recording_sample(struct recordings *all, struct recording *recording, int64_t at_ns,
                      const uint32_t in[TASK_STATES]);

/* The run was given up: says so of every task that had begun and was not through. */
void recording_cut(struct recordings *all, struct recording *recording, int64_t at_ns,
                   enum task_reason reason);

/* Counts tasks by state, where nobody else does. */
void recording_count(struct recording *recording, const struct entry *entry, uint32_t last);

void recordings_forget(struct recordings *all, struct recording *recording);

static inline bool recording_is_crowd(const struct recording *recording)
{
    return plan_numbered_tasks(&recording->plan) > CROWD_TASKS;
}

/* A timeline as its run had it, for views. The caller frees it. NULL: there is no memory. */
struct timeline *recording_timeline(const struct recording *recording, bool with_states);
