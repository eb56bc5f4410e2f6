#include "handlers/timeline.h"

#include <string.h>

/* Where each array begins. The most strictly aligned come first, so that none needs padding. */
struct layout {
    size_t delays;
    size_t stamps;
    size_t never_awaited;
    size_t said_words;
    size_t end;
};

static uint32_t says_most(const struct plan *plan)
{
    return plan->endpoint->says_each * plan->count;
}

static uint32_t forgets_most(const struct plan *plan)
{
    return plan->sleep == SLEEP_FORGOTTEN ? plan->count : 0;
}

static struct layout lay_out(const struct plan *plan)
{
    size_t words = says_most(plan);
    struct layout at = {.delays = sizeof(struct timeline)};
    at.stamps = at.delays + plan->delay_count * sizeof(int64_t);
    at.never_awaited = at.stamps + (plan->timeline ? words * sizeof(struct stamp) : 0);
    at.said_words = at.never_awaited + forgets_most(plan) * sizeof(uint32_t);
    at.end = at.said_words + words;
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
    *timeline = (struct timeline){.plan = *plan, .says_most = says_most(plan)};
    timeline->plan.delays_ns =
        memcpy(base + at.delays, plan->delays_ns, plan->delay_count * sizeof *plan->delays_ns);
    timeline->stamps = plan->timeline ? (struct stamp *)(void *)(base + at.stamps) : NULL;
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

void timeline_say(struct timeline *timeline, int64_t at_ns, uint32_t task, const char *text)
{
    uint32_t said = atomic_load_explicit(&timeline->said, memory_order_relaxed);
    uint32_t index = index_of_word(timeline, text);
    if (said == timeline->says_most || index == TIMELINE_WORDS) {
        timeline->left_out++;
        return;
    }
    timeline->said_words[said] = (uint8_t)index;
    if (timeline->stamps != NULL)
        timeline->stamps[said] = (struct stamp){at_ns, task};
    atomic_store_explicit(&timeline->said, said + 1, memory_order_release);
}

void timeline_warn(struct timeline *timeline, uint32_t task)
{
    if (timeline->never_awaited_count == forgets_most(&timeline->plan))
        timeline->left_out++;
    else
        timeline->never_awaited[timeline->never_awaited_count++] = task;
}
