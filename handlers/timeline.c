#include "handlers/timeline.h"

/* Where each array begins. The most strictly aligned come first, so that none needs padding. */
struct layout {
    size_t plan;
    size_t entries;
    size_t never_awaited;
    size_t said_words;
    size_t end;
};

/* Hello, a state, World and done, and before each of the words that it may have been ready; a state
   more where it waits for room. */
#define ENTRIES_EACH 8

static uint32_t says_most(const struct plan *plan)
{
    return plan->endpoint->says_each * plan->count;
}

static uint32_t entries_most(const struct plan *plan)
{
    return plan->states ? ENTRIES_EACH * plan->count : says_most(plan);
}

static size_t entries_bytes(const struct plan *plan)
{
    size_t each = sizeof(struct entry) + (plan->states ? sizeof(struct entry_more) : 0);
    return plan->timeline ? entries_most(plan) * each : 0;
}

static uint32_t forgets_most(const struct plan *plan)
{
    return plan->sleep == SLEEP_FORGOTTEN ? plan->count : 0;
}

static struct layout lay_out(const struct plan *plan)
{
    struct layout at = {.plan = sizeof(struct timeline)};
    at.entries = at.plan + plan_rest_bytes(plan);
    at.never_awaited = at.entries + entries_bytes(plan);
    at.said_words = at.never_awaited + forgets_most(plan) * sizeof(uint32_t);
    at.end = at.said_words + says_most(plan);
    return at;
}

size_t timeline_bytes(const struct plan *plan)
{
    return lay_out(plan).end;
}

struct timeline *timeline_init(void *memory, const struct plan *plan)
{
    struct layout at = lay_out(plan);
    char *base = memory;
    struct timeline *timeline = memory;
    *timeline = (struct timeline){.says_most = says_most(plan)};
    plan_copy(&timeline->plan, base + at.plan, plan);
    if (plan->timeline)
        timeline->entries = (struct entry *)(void *)(base + at.entries);
    if (plan->states)
        timeline->more = (struct entry_more *)(void *)(timeline->entries + entries_most(plan));
    timeline->never_awaited = (uint32_t *)(void *)(base + at.never_awaited);
    timeline->said_words = (uint8_t *)(base + at.said_words);
    return timeline;
}

/* Returns TIMELINE_WORDS if there is no room for `text`. A second thread may be reading the words
   that are there, so each is written only once. */
static uint32_t index_of_word(struct timeline *timeline, const char *text)
{
    for (uint32_t index = 0; index < TIMELINE_WORDS; index++) {
        if (timeline->words[index].bytes == text)
            return index;
        if (timeline->words[index].bytes != NULL)
            continue;
        /* Counted by hand: a call in here would cost every word that is said 15 instructions. */
        size_t length = 0;
        while (length <= TIMELINE_WORD_BYTES && text[length] != '\0')
            length++;
        if (length > TIMELINE_WORD_BYTES)
            break;
        timeline->words[index] = (struct text){text, length};
        return index;
    }
    return TIMELINE_WORDS;
}

void timeline_enter(struct timeline *timeline, struct entry entry, struct entry_more more)
{
    uint32_t count = atomic_load_explicit(&timeline->entry_count, memory_order_relaxed);
    if (count == entries_most(&timeline->plan)) {
        timeline->left_out++;
        return;
    }
    timeline->entries[count] = entry;
    if (timeline->more != NULL)
        timeline->more[count] = more;
    atomic_store_explicit(&timeline->entry_count, count + 1, memory_order_release);
}

static __attribute__((noinline)) void enter_word(struct timeline *timeline, int64_t at_ns,
                                                 uint32_t task, uint32_t index)
{
    timeline_enter(timeline, (struct entry){.at_ns = at_ns, .task = task, .what = (uint8_t)index},
                   (struct entry_more){.last = task});
}

void timeline_say(struct timeline *timeline, int64_t at_ns, uint32_t task, const char *text)
{
    uint32_t said = atomic_load_explicit(&timeline->said, memory_order_relaxed);
    uint32_t index = index_of_word(timeline, text);
    if (said == timeline->says_most || index == TIMELINE_WORDS) {
        timeline->left_out++;
        return;
    }
    timeline->said_words[said] = (uint8_t)index;
    if (timeline->entries != NULL)
        enter_word(timeline, at_ns, task, index);
    atomic_store_explicit(&timeline->said, said + 1, memory_order_release);
}

void timeline_warn(struct timeline *timeline, uint32_t task)
{
    if (timeline->never_awaited_count == forgets_most(&timeline->plan))
        timeline->left_out++;
    else
        timeline->never_awaited[timeline->never_awaited_count++] = task;
}
