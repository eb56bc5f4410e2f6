#include "handlers/words/bodies.h"

/*
 *  async def timeout(delay, child):
 *      try:
 *          async with asyncio.timeout(delay):
 *              await child
 *      except TimeoutError as late:
 *          raise TimeoutError(*late.args or [f"timeout after {delay:.3f} s"])
 */
void word_timeout(struct co *co)
{
    struct timeout_frame *self = (struct timeout_frame *)co;
    async(co) {
        attempt(co_timeout(co, &self->timer, word_number(co), word_child, word_child_frame(co, 0)));
        if (co_error(co) == CO_TIMED_OUT)
            raise_error(ERROR_TIMEOUT | self->word.at);
        if (co_error(co) != 0)
            raise_error(co_error(co));
    }
}
