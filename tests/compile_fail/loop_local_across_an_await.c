/* The counter of a loop is a local like any other. */
#include "async/async.h"

struct misuse {
    struct co co;
    int i;
};

void misuse(struct co *co);

void misuse(struct co *co)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
#ifdef REPAIRED
        for (self->i = 0; self->i < 3; self->i++)
            await(co_sleep(co, self->i));
#else
        for (int i = 0; i < 3; i++)
            await(co_sleep(co, self->i + i));
#endif
    }
}
