#include "handlers/words/bodies.h"

/*
 *  async def collect(*children):
 *      await asyncio.gather(*children, return_exceptions=True)
 */
void word_collect(struct co *co)
{
    async(co) {
        await(co_collect(co, CHILDREN(co)));
    }
}
