/*
 * A circular list whose links lie in its members: O(1) to join and to leave. A zeroed link is in no
 * list. Thread: whoever owns the list.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *previous;
    struct link *next;
};

/* The structure of `type` that holds `pointer` as its `member`. */
#define container_of(pointer, type, member)                                                        \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

static inline void list_init(struct link *list)
{
    list->previous = list;
    list->next = list;
}

static inline bool list_is_empty(const struct link *list)
{
    return list->next == list;
}

static inline void list_append(struct link *list, struct link *member)
{
    member->previous = list->previous;
    member->next = list;
    list->previous->next = member;
    list->previous = member;
}

static inline bool list_has(const struct link *member)
{
    return member->next != NULL;
}

/* Of a link that is in no list: does nothing. */
static inline void list_remove(struct link *member)
{
    if (!list_has(member))
        return;
    member->previous->next = member->next;
    member->next->previous = member->previous;
    member->previous = NULL;
    member->next = NULL;
}

/* The members may leave the list, one at a time, while it is walked. */
#define list_each(list, at)                                                                        \
    for (struct link *at = (list)->next, *at##_next = at->next; at != (list);                      \
         at = at##_next, at##_next = at->next)
