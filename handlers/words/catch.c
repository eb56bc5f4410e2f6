#include "handlers/words/bodies.h"

/*
 *  async def catch(child):
 *      try:
 *          await child
 *      except Exception:
 *          pass
 */
void word_catch(struct co *co)
{
    async(co) {
        attempt(co_call(co, word_child, word_child_frame(co, 0)));
    }
}
