#include "handlers/words/bodies.h"

/*
 *  async def retry(n, child):
 *      for attempt in range(1, n + 1):
 *          try:
 *              return await child()
 *          except Exception:
 *              if attempt == n:
 *                  raise
 */
void word_retry(struct co *co)
{
    struct word_frame *self = (struct word_frame *)co;
    async(co) {
        do
            attempt(co_call(co, word_child, word_child_frame(co, self->i)));
        while (co_error(co) != 0 && ++self->i < word_number(co));
        if (co_error(co) != 0)
            raise_error(co_error(co));
    }
}
