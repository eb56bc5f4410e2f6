#include "server/recorder/recordings.h"

#include <stdlib.h>
#include <string.h>

static struct recording **chain_of(struct recordings *all, uint64_t number)
{
    return &all->chains[number % CHAINS];
}

static struct text keep(char **at, const char *bytes, size_t length)
{
    struct text kept = {memcpy(*at, bytes, length), length};
    *at += length;
    return kept;
}

/* By when they began; each loop tells of its own some milliseconds later. Where very many do so at
   once, it is not worth looking further. */
static void put_in_order(struct recordings *all, struct recording *made)
{
    struct recording *newer = NULL;
    struct recording *older = all->newest;
    for (int i = 0; i < 64 && older != NULL && older->at_ns > made->at_ns; i++) {
        newer = older;
        older = older->older;
    }
    made->older = older;
    made->newer = newer;
    *(older != NULL ? &older->newer : &all->oldest) = made;
    *(newer != NULL ? &newer->older : &all->newest) = made;
}

struct recording *recordings_begin(struct recordings *all, struct note_begin *note, int loop,
                                   int64_t now_ns, int64_t wall_ns)
{
    plan_moved(&note->plan, note + 1); /* with its sheet */
    size_t rest_bytes = (plan_rest_bytes(&note->plan) + 7) & ~(size_t)7;
    size_t bytes = sizeof(struct recording) + rest_bytes + note->target_bytes + note->id_bytes;
    struct recording *made = calloc(1, bytes);
    if (made == NULL)
        return NULL;
    const char *from = (const char *)(note + 1) + rest_bytes;
    char *at = made->behind + rest_bytes;
    plan_copy(&made->plan, made->behind, &note->plan);
    made->target = keep(&at, from, note->target_bytes);
    made->request_id = keep(&at, from + note->target_bytes, note->id_bytes);
    memcpy(made->method, note->method, sizeof made->method);
    made->number = note->note.run;
    made->loop = loop;
    made->at_ns = note->at_ns;
    made->started_at_ns = wall_ns - (now_ns - note->at_ns);
    made->outcome = RUN_RUNNING;
    made->has_begun = made->plan.sleep != SLEEP_BLOCKING;
    made->is_complete = true;
    made->every = 1;
    made->bytes = bytes;
    put_in_order(all, made);
    struct recording **chain = chain_of(all, made->number);
    made->same_hash = *chain;
    *chain = made;
    all->bytes += bytes;
    all->running++;
    return made;
}

struct recording *recordings_find(const struct recordings *all, uint64_t number)
{
    struct recording *at = all->chains[number % CHAINS];
    while (at != NULL && at->number != number)
        at = at->same_hash;
    return at;
}

void recordings_forget(struct recordings *all, struct recording *recording)
{
    struct recording **at = chain_of(all, recording->number);
    while (*at != recording)
        at = &(*at)->same_hash;
    *at = recording->same_hash;
    *(recording->older != NULL ? &recording->older->newer : &all->oldest) = recording->newer;
    *(recording->newer != NULL ? &recording->newer->older : &all->newest) = recording->older;
    all->bytes -= recording->bytes;
    all->running -= recording->outcome == RUN_RUNNING;
    free(recording->entries);
    free(recording->more);
    free(recording->samples);
    free(recording->states);
    free(recording);
}

/* ---- what happens ---------------------------------------------------------------------------- */

static bool make_room(struct recordings *all, struct recording *recording)
{
    if (recording->count < recording->room)
        return true;
    uint32_t room = recording->room == 0 ? 8 : recording->room * 2;
    size_t each = sizeof *recording->entries + sizeof *recording->more;
    struct entry *entries = realloc(recording->entries, room * sizeof *entries);
    if (entries == NULL)
        return false;
    recording->entries = entries;
    struct entry_more *more = realloc(recording->more, room * sizeof *more);
    if (more == NULL)
        return false;
    recording->more = more;
    recording->bytes += (room - recording->room) * each;
    all->bytes += (room - recording->room) * each;
    recording->room = room;
    return true;
}

static void add(struct recordings *all, struct recording *recording, struct entry entry,
                struct entry_more more)
{
    if (!make_room(all, recording)) {
        recording->is_complete = false;
        return;
    }
    recording->entries[recording->count] = entry;
    recording->more[recording->count] = more;
    recording->count++;
}

/* Words are told apart by their address. */
static uint8_t index_of_word(struct recording *recording, const char *word)
{
    uint8_t i = 0;
    while (i < TIMELINE_WORDS - 1 && recording->words[i].bytes != NULL &&
           recording->words[i].bytes != word)
        i++;
    recording->words[i] = (struct text){word, strlen(word)};
    return i;
}

void recording_add(struct recordings *all, struct recording *recording,
                   const struct note_happening *note)
{
    if (!recording->has_begun) {
        recording->has_begun = true;
        recording->queued_ns = note->entry.at_ns;
    }
    struct entry entry = note->entry;
    if (note->word != NULL)
        entry.what = index_of_word(recording, note->word);
    add(all, recording, entry, note->more);
}

/* Side by side they are one entry. */
void recording_cut(struct recordings *all, struct recording *recording, int64_t at_ns,
                   enum task_reason reason)
{
    uint32_t tasks = plan_numbered_tasks(&recording->plan);
    uint8_t *is_open = recording_is_crowd(recording) ? NULL : calloc(tasks + 2, 1);
    if (is_open == NULL)
        return;
    for (uint32_t i = 0; i < recording->count; i++) {
        unsigned state = recording->entries[i].what & ~(unsigned)ENTRY_STATE;
        bool is_state = (recording->entries[i].what & ENTRY_STATE) != 0;
        bool ends =
            is_state && (state == TASK_DONE || state == TASK_FAILED || state == TASK_CANCELLED);
        for (uint32_t task = recording->entries[i].task;
             task <= recording->more[i].last && task <= tasks; task++)
            is_open[task] = !ends;
    }
    for (uint32_t first = 1; first <= tasks; first++) {
        uint32_t last = first;
        if (!is_open[first])
            continue;
        while (is_open[last + 1])
            last++;
        struct entry entry = {.at_ns = at_ns,
                              .task = first,
                              .what = ENTRY_STATE | TASK_CANCELLED,
                              .reason = (uint8_t)reason};
        add(all, recording, entry, (struct entry_more){.last = last});
        first = last;
    }
    free(is_open);
}

void recording_sample(struct recordings *all, struct recording *recording, int64_t at_ns,
                      const uint32_t in[TASK_STATES])
{
    uint32_t tasks = plan_numbered_tasks(&recording->plan);
    uint32_t begun = 0;
    if (recording->skipped++ % recording->every != 0)
        return;
    if (recording->samples == NULL) {
        size_t bytes = DENSITY_MOST * sizeof *recording->samples;
        recording->samples = malloc(bytes);
        if (recording->samples == NULL)
            return;
        recording->bytes += bytes;
        all->bytes += bytes;
    }
    if (recording->sample_count == DENSITY_MOST) {
        for (uint32_t i = 0; i < DENSITY_MOST / 2; i++)
            recording->samples[i] = recording->samples[(size_t)2 * i];
        recording->sample_count = DENSITY_MOST / 2;
        recording->samples_told = recording->samples_told / 2;
        recording->every *= 2;
    }
    struct sample *made = &recording->samples[recording->sample_count++];
    *made = (struct sample){.at_ns = at_ns};
    memcpy(made->in, in, sizeof made->in);
    for (int state = 0; state < TASK_STATES; state++)
        begun += state == TASK_READY || state == TASK_FORGOTTEN ? 0 : in[state];
    bool all_at_once = recording->plan.tree == NULL && !recording->plan.endpoint->one_by_one;
    made->ready = all_at_once && begun < tasks ? tasks - begun : 0;
}

void recording_count(struct recording *recording, const struct entry *entry, uint32_t last)
{
    uint32_t tasks = plan_numbered_tasks(&recording->plan);
    if (recording->states == NULL)
        recording->states = calloc(tasks, 1);
    if (recording->states == NULL || (entry->what & ENTRY_STATE) == 0)
        return;
    uint8_t state = (uint8_t)(entry->what & ~ENTRY_STATE);
    for (uint32_t task = entry->task; task <= last && task <= tasks; task++) {
        uint8_t *was = &recording->states[task - 1]; /* 0: none; else the state and 1 */
        if (*was > 0)
            recording->in[*was - 1]--;
        *was = (uint8_t)(state + 1);
        recording->in[state]++;
    }
}

/* ---- as it was ------------------------------------------------------------------------------- */

struct timeline *recording_timeline(const struct recording *recording, bool with_states)
{
    struct plan plan = recording->plan;
    bool has_entries = !recording_is_crowd(recording);
    plan.timeline = plan.timeline || with_states;
    plan.states = plan.states || with_states;
    void *memory = malloc(timeline_bytes(&plan));
    if (memory == NULL)
        return NULL;
    struct timeline *timeline = timeline_init(memory, &plan);
    for (uint32_t i = 0; has_entries && i < recording->count; i++) {
        struct entry entry = recording->entries[i];
        if ((entry.what & ENTRY_STATE) == 0)
            timeline_say(timeline, entry.at_ns, entry.task, recording->words[entry.what].bytes);
        else if (plan.states)
            timeline_enter(timeline, entry, recording->more[i]);
        if (entry.what == (ENTRY_STATE | TASK_FORGOTTEN))
            timeline_warn(timeline, entry.task);
    }
    timeline->elapsed_ns = recording->elapsed_ns;
    timeline->blocked_ns = recording->blocked_ns;
    timeline->error = recording->error;
    return timeline;
}
