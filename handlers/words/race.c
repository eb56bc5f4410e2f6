#include "handlers/words/bodies.h"

/*
 *  async def race(*children):
 *      tasks = [asyncio.create_task(child) for child in children]
 *      try:
 *          await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
 *      finally:
 *          for task in tasks:
 *              task.cancel()
 *      next(task for task in tasks if task.done()).result()
 */
void word_race(struct co *co)
{
    async(co) {
        await(co_race(co, CHILDREN(co)));
    }
}
