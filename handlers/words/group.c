#include "handlers/words/bodies.h"

/*
 *  async def group(*children):
 *      async with asyncio.TaskGroup() as group:
 *          for child in children:
 *              group.create_task(child)
 */
void word_group(struct co *co)
{
    async(co) {
        await(co_group(co, CHILDREN(co)));
    }
}
