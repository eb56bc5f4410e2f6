#include "handlers/say.h"
#include "handlers/words/bodies.h"

/*
 *  async def fail(task, delay):
 *      print("Hello")
 *      await asyncio.sleep(delay)
 *      raise Failed(f"task {task} failed")
 */
void word_fail(struct co *co)
{
    const struct word_frame *self = (struct word_frame *)co;
    async(co) {
        say(co, "Hello");
        await(co_sleep(co, delay_of(co)));
        raise_error(self->task);
    }
}
