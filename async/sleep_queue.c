#include "async/sleep_queue.h"

/*
 * In a chain, `previous` and `next` are the neighbours. The head of a chain has none before it, so
 * there `previous` is its neighbour in the heap: the sibling to the left, or the parent when it is
 * the leftmost child, or NULL at the root.
 */
static bool is_head(const struct co_place *place)
{
    return place->previous == NULL || place->previous->next != place;
}

static struct co_place *meld(struct co_place *a, struct co_place *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    struct co_place *winner = co_before(b, a) ? b : a;
    struct co_place *loser = winner == a ? b : a;
    loser->previous = winner;
    loser->heap_next = winner->heap_child;
    if (loser->heap_next != NULL)
        loser->heap_next->previous = loser;
    winner->heap_child = loser;
    return winner;
}

static struct co_place *take_first(struct co_place **siblings)
{
    struct co_place *first = *siblings;
    if (first != NULL) {
        *siblings = first->heap_next;
        first->heap_next = NULL;
        first->previous = NULL;
    }
    return first;
}

/* Pairs from left to right, then melds the pairs from right to left: that makes it O(log n). */
static struct co_place *meld_all(struct co_place *siblings)
{
    struct co_place *pairs = NULL;
    while (siblings != NULL) {
        struct co_place *left = take_first(&siblings);
        struct co_place *pair = meld(left, take_first(&siblings));
        pair->heap_next = pairs;
        pairs = pair;
    }
    struct co_place *root = NULL;
    while (pairs != NULL)
        root = meld(root, take_first(&pairs));
    return root;
}

static void heap_add(struct co_sleep_queue *queue, struct co_place *head)
{
    head->previous = NULL;
    head->heap_child = NULL;
    head->heap_next = NULL;
    queue->earliest = meld(queue->earliest, head);
}

static void heap_remove(struct co_sleep_queue *queue, struct co_place *head)
{
    struct co_place *orphans = meld_all(head->heap_child);
    if (queue->earliest == head) {
        queue->earliest = orphans;
        return;
    }
    if (head->previous->heap_child == head)
        head->previous->heap_child = head->heap_next;
    else
        head->previous->heap_next = head->heap_next;
    if (head->heap_next != NULL)
        head->heap_next->previous = head->previous;
    queue->earliest = meld(queue->earliest, orphans);
}

/* Fibonacci hashing (Knuth, TAOCP 3, 6.4) finds the lane: lengths that people choose are round, and
   differ in few bits. */
void sleep_queue_add(struct co_sleep_queue *queue, struct co_place *place, int64_t length_ns)
{
    uint64_t hash = (uint64_t)length_ns * 0x9E3779B97F4A7C15ULL >> 32;
    place->lane = (uint8_t)(hash & (queue->lanes - 1));
    struct co_place *tail = queue->tails[place->lane];
    queue->tails[place->lane] = place;
    place->next = NULL;
    if (tail != NULL && co_before(tail, place)) {
        tail->next = place;
        place->previous = tail;
    } else {
        heap_add(queue, place);
    }
}

static void forget_tail(struct co_sleep_queue *queue, const struct co_place *place,
                        struct co_place *before)
{
    if (queue->tails[place->lane] == place)
        queue->tails[place->lane] = before;
}

void sleep_queue_remove(struct co_sleep_queue *queue, struct co_place *place)
{
    if (is_head(place)) {
        forget_tail(queue, place, NULL);
        heap_remove(queue, place);
        if (place->next != NULL)
            heap_add(queue, place->next);
    } else {
        forget_tail(queue, place, place->previous);
        place->previous->next = place->next;
        if (place->next != NULL)
            place->next->previous = place->previous;
    }
}
