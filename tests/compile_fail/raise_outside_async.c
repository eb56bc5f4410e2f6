/* Only a coroutine can end with an error. */
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
        raise_error(1);
    }
}
