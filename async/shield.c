#include "async/wait.h"

/* asyncio.shield(): a child that is a task of its own, and a parent that does not pass on that it
   was cancelled. */

static void on_end(struct co *parent, struct co *child)
{
    if ((parent->place.flags & CO_WOKEN) == 0)
        co_wake(parent, child->error);
}

static void on_turn(struct co *parent)
{
    parent->error = CO_CANCELLED;
    co_keep_turn(parent);
}

const struct co_way co_way_shield = {.on_end = on_end, .on_turn = on_turn};

struct co_wait co_shield(struct co *parent, co_body *body, struct co *child)
{
    return co_arm_children(parent, CO_FOR_SHIELD, body, child, sizeof(struct co), 1);
}
