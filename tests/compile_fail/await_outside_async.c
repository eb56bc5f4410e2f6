/* Only a coroutine can wait. */
#include "async/async.h"

void misuse(struct co *co);

void misuse(struct co *co)
{
#ifdef REPAIRED
    async(co)
#endif
    {
        await(co_sleep(co, 1));
    }
}
