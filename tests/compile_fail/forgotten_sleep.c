/* The await left out: nothing would wait. */
#include "async/async.h"

void misuse(struct co *co);

void misuse(struct co *co)
{
    async(co) {
#ifdef REPAIRED
        await(co_sleep(co, 1));
#else
        co_sleep(co, 1);
#endif
    }
}
