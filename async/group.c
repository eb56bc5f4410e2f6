#include "async/cancel.h"
#include "async/wait.h"

/*
 * asyncio.TaskGroup: the first failure cancels the others, and all have ended before it does. Its
 * __aexit__() looks each time that it is woken, by its last child or by a cancellation, whether
 * there is somebody left.
 */

static bool has(const struct co *parent, enum co_flag flag)
{
    return (parent->place.flags & flag) != 0;
}

static void on_end(struct co *parent, struct co *child)
{
    bool failed = child->error != 0 && child->error != CO_CANCELLED;
    if (failed && parent->error == 0)
        parent->error = child->error;
    if (failed && !has(parent, CO_STOPS)) {
        parent->place.flags |= CO_STOPS;
        co_walk_start(parent, CO_SIBLING_FAILED);
    } else if (has(parent, CO_ALL_TOLD) && !has(parent, CO_WOKEN)) {
        co_look(parent);
    }
}

/* After a failure it is its own parent task that it cancels. */
static void on_walked(struct co *parent)
{
    if (!has(parent, CO_MUST_CANCEL) && !has(parent, CO_WOKEN))
        co_look(parent);
}

/* An error of a child goes before a cancellation from outside. */
static void on_turn(struct co *parent)
{
    if (has(parent, CO_ALL_TOLD)) {
        if (parent->error == 0 && has(parent, CO_MUST_CANCEL))
            parent->error = CO_CANCELLED;
        co_keep_turn(parent);
    } else if (has(parent, CO_MUST_CANCEL) && !has(parent, CO_STOPS)) {
        parent->place.flags |= CO_STOPS;
        co_walk_start(parent, CO_ASKED_TO);
    }
}

const struct co_way co_way_group = {.on_end = on_end, .on_turn = on_turn, .on_walked = on_walked};

struct co_wait co_group(struct co *parent, co_body *body, struct co *frames, size_t stride_bytes,
                        uint32_t count)
{
    return co_arm_children(parent, CO_FOR_GROUP, body, frames, stride_bytes, count);
}
