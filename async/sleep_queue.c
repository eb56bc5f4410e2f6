#include "async/sleep_queue.h"

/*
 * In a chain, `previous` and `next` are the neighbours. The head of a chain has none before it, so
 * there `previous` is its neighbour in the heap: the sibling to the left, or the parent when it is
 * the leftmost child, or NULL at the root.
 */
static bool is_head(const struct co *co)
{
    return co->previous == NULL || co->previous->next != co;
}

static struct co *meld(struct co *a, struct co *b)
{
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    struct co *winner = co_before(b, a) ? b : a;
    struct co *loser = winner == a ? b : a;
    loser->previous = winner;
    loser->heap_next = winner->heap_child;
    if (loser->heap_next != NULL)
        loser->heap_next->previous = loser;
    winner->heap_child = loser;
    return winner;
}

static struct co *take_first(struct co **siblings)
{
    struct co *first = *siblings;
    if (first != NULL) {
        *siblings = first->heap_next;
        first->heap_next = NULL;
        first->previous = NULL;
    }
    return first;
}

/* Pairs from left to right, then melds the pairs from right to left: that makes it O(log n). */
static struct co *meld_all(struct co *siblings)
{
    struct co *pairs = NULL;
    while (siblings != NULL) {
        struct co *left = take_first(&siblings);
        struct co *pair = meld(left, take_first(&siblings));
        pair->heap_next = pairs;
        pairs = pair;
    }
    struct co *root = NULL;
    while (pairs != NULL)
        root = meld(root, take_first(&pairs));
    return root;
}

static void heap_add(struct co_sleep_queue *queue, struct co *head)
{
    head->previous = NULL;
    head->heap_child = NULL;
    head->heap_next = NULL;
    queue->earliest = meld(queue->earliest, head);
}

static void heap_remove(struct co_sleep_queue *queue, struct co *head)
{
    struct co *orphans = meld_all(head->heap_child);
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

/* Fibonacci hashing (Knuth, TAOCP 3, 6.4): lengths that people choose differ in few bits. */
static uint8_t lane_of(int64_t length_ns)
{
    return (uint8_t)(((uint64_t)length_ns * 0x9E3779B97F4A7C15ULL >> 32) % CO_LANES);
}

void sleep_queue_add(struct co_sleep_queue *queue, struct co *co, int64_t length_ns)
{
    co->lane = lane_of(length_ns);
    struct co *tail = queue->tails[co->lane];
    queue->tails[co->lane] = co;
    co->next = NULL;
    if (tail != NULL && co_before(tail, co)) {
        tail->next = co;
        co->previous = tail;
    } else {
        heap_add(queue, co);
    }
}

static void forget_tail(struct co_sleep_queue *queue, const struct co *co, struct co *before)
{
    if (queue->tails[co->lane] == co)
        queue->tails[co->lane] = before;
}

void sleep_queue_remove(struct co_sleep_queue *queue, struct co *co)
{
    if (is_head(co)) {
        forget_tail(queue, co, NULL);
        heap_remove(queue, co);
        if (co->next != NULL)
            heap_add(queue, co->next);
    } else {
        forget_tail(queue, co, co->previous);
        co->previous->next = co->next;
        if (co->next != NULL)
            co->next->previous = co->previous;
    }
    co->previous = NULL;
    co->next = NULL;
}
