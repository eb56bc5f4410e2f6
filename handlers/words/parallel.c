#include "handlers/words/bodies.h"

/*
 *  async def parallel(*children):
 *      await asyncio.gather(*children)
 */
void word_parallel(struct co *co)
{
    async(co) {
        await(co_gather(co, CHILDREN(co)));
    }
}
