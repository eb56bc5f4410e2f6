#include "async/cancel.h"
#include "async/wait.h"

/*
 * asyncio.wait(FIRST_COMPLETED), after which all are cancelled that have not ended. Of several that
 * have, the first in the array is the first: Python's set `done` leaves that open.
 */

static void on_end(struct co *parent, struct co *child)
{
    (void)child;
    if ((parent->place.flags & CO_WOKEN) == 0)
        co_look(parent);
}

static void on_turn(struct co *parent)
{
    bool is_cancelled = (parent->place.flags & CO_MUST_CANCEL) != 0;
    co_walk_start(parent, is_cancelled ? CO_ASKED_TO : CO_LOST_RACE);
}

static void on_walked(struct co *parent)
{
    bool is_cancelled = (parent->place.flags & CO_MUST_CANCEL) != 0;
    parent->error = is_cancelled ? CO_CANCELLED : parent->scope->walk.first_error;
    co_keep_turn(parent);
}

const struct co_way co_way_race = {.on_end = on_end, .on_turn = on_turn, .on_walked = on_walked};

struct co_wait co_race(struct co *parent, co_body *body, struct co *frames, size_t stride_bytes,
                       uint32_t count)
{
    return co_arm_children(parent, CO_FOR_RACE, body, frames, stride_bytes, count);
}
