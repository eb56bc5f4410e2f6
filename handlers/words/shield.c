#include "handlers/words/bodies.h"

/*
 *  async def shield(child):
 *      await asyncio.shield(child)
 */
void word_shield(struct co *co)
{
    async(co) {
        await(co_shield(co, word_child, word_child_frame(co, 0)));
    }
}
