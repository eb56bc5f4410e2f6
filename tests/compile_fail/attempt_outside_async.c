/* Only a coroutine can wait for what may fail. */
#include "async/async.h"

void misuse(struct co *co);

void misuse(struct co *co)
{
#ifdef REPAIRED
    async(co)
#else
    (void)co;
#endif
    {
        attempt(co_sleep(co, 1));
    }
}
