/* The await left out: it would go on without having room. */
#include "async/async.h"

void misuse(struct co *co, struct co_semaphore *semaphore);

void misuse(struct co *co, struct co_semaphore *semaphore)
{
    async(co) {
#ifdef REPAIRED
        await(co_acquire(co, semaphore));
#else
        co_acquire(co, semaphore);
#endif
        co_release(semaphore);
    }
}
