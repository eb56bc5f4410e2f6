#include "handlers/words/bodies.h"

/* Its own frame lies behind this one. */
static struct co *inner_frame(struct co *co)
{
    return (struct co *)(void *)((char *)co + sizeof(struct word_frame));
}

static struct co_semaphore *room_of(const struct co *co)
{
    return &((struct limit_frame *)co_parent(co))->room;
}

/*
 *  async def limited(room, child):
 *      async with room:
 *          await child
 */
static void limited(struct co *co)
{
    struct word_frame *self = (struct word_frame *)co;
    async(co) {
        word_find(co);
        await(co_acquire(co, room_of(co)));
        self->i = 1; /* it has room */
        await(co_call(co, word_inner, inner_frame(co)));
        finally
        {
            if (self->i == 1)
                co_release(room_of(co));
        }
    }
}

/*
 *  async def limit(n, *children):
 *      room = asyncio.Semaphore(n)
 *      await asyncio.gather(*(limited(room, child) for child in children))
 */
void word_limit(struct co *co)
{
    struct limit_frame *self = (struct limit_frame *)co;
    async(co) {
        co_semaphore_init(&self->room, (uint32_t)word_number(co));
        await(co_gather(co, limited, word_child_frame(co, 0), word_stride(co), word_children(co)));
    }
}
