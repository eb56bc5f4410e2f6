#include "handlers/words/bodies.h"

/*
 *  async def sequence(*children):
 *      for child in children:
 *          await child
 */
void word_sequence(struct co *co)
{
    struct word_frame *self = (struct word_frame *)co;
    async(co) {
        for (; self->i < word_children(co); self->i++)
            await(co_call(co, word_child, word_child_frame(co, self->i)));
    }
}
