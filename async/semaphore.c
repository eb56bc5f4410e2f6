#include "async/wait.h"

struct co_wait co_acquire(struct co *co, struct co_semaphore *semaphore)
{
    bool has_room = semaphore->free > 0;
    struct co_wait wait = co_arm(co, has_room ? CO_AT_ONCE : CO_FOR_ROOM);
    co->place.semaphore = semaphore;
    if (has_room) {
        semaphore->free--;
        return wait;
    }
    co->place.previous = semaphore->last;
    co->place.next = NULL;
    if (semaphore->last != NULL)
        semaphore->last->next = &co->place;
    else
        semaphore->first = &co->place;
    semaphore->last = &co->place;
    return wait;
}

static void remove_waiting(struct co_semaphore *semaphore, struct co_place *place)
{
    if (place->previous != NULL)
        place->previous->next = place->next;
    else
        semaphore->first = place->next;
    if (place->next != NULL)
        place->next->previous = place->previous;
    else
        semaphore->last = place->previous;
}

void co_release(struct co_semaphore *semaphore)
{
    if (semaphore->first == NULL) {
        semaphore->free++;
        return;
    }
    struct co *next = co_at(semaphore->first);
    remove_waiting(semaphore, &next->place);
    next->wait = CO_HAS_ROOM;
    co_make_ready(next);
}

static void leave_queue(struct co *co)
{
    remove_waiting(co->place.semaphore, &co->place);
}

static void give_room(struct co *co)
{
    co_release(co->place.semaphore);
}

const struct co_way co_way_for_room = {.leave = leave_queue};
const struct co_way co_way_has_room = {.leave = give_room};
