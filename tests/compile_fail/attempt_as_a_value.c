/* An attempt has no value: co_error() tells. */
#include "async/async.h"

struct misuse {
    struct co co;
    uint32_t error;
};

void misuse(struct co *co);

void misuse(struct co *co)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
#ifdef REPAIRED
        attempt(co_sleep(co, 1));
        self->error = co_error(co);
#else
        self->error = attempt(co_sleep(co, 1));
#endif
    }
}
