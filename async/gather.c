#include "async/wait.h"

/* asyncio.gather(), which the first failure ends; a child that was cancelled counts as failed. */
static void on_gathered_end(struct co *parent, struct co *child)
{
    bool is_all = (parent->place.flags & CO_ALL_TOLD) != 0;
    bool stops = (parent->place.flags & CO_STOPS) != 0;
    if (child->error != 0)
        co_wake(parent, child->error);
    else if (is_all)
        co_wake(parent, stops ? CO_CANCELLED : 0);
}

/* The same with return_exceptions=True. */
static void on_collected_end(struct co *parent, struct co *child)
{
    bool is_all = (parent->place.flags & CO_ALL_TOLD) != 0;
    bool stops = (parent->place.flags & CO_STOPS) != 0;
    (void)child;
    if (is_all)
        co_wake(parent, stops ? CO_CANCELLED : 0);
}

/* It was cancelled before any child had begun. */
static void on_turn(struct co *parent)
{
    co_wake(parent, CO_CANCELLED);
}

const struct co_way co_way_gather = {.on_end = on_gathered_end, .on_turn = on_turn};
const struct co_way co_way_collect = {.on_end = on_collected_end, .on_turn = on_turn};

struct co_wait co_gather(struct co *parent, co_body *body, struct co *frames, size_t stride_bytes,
                         uint32_t count)
{
    return co_arm_children(parent, CO_FOR_GATHER, body, frames, stride_bytes, count);
}

struct co_wait co_collect(struct co *parent, co_body *body, struct co *frames, size_t stride_bytes,
                          uint32_t count)
{
    return co_arm_children(parent, CO_FOR_COLLECT, body, frames, stride_bytes, count);
}
