/* What is not an awaitable never says when it is done. */
#include "async/async.h"

struct co_wait answer(struct co *co);
int number(struct co *co);
void misuse(struct co *co);

void misuse(struct co *co)
{
    async(co) {
#ifdef REPAIRED
        await(answer(co));
#else
        await(number(co));
#endif
    }
}
