/* A frame begins with its struct co, which is called co. */
#include "async/async.h"

struct child {
#ifdef REPAIRED
    struct co co;
#else
    struct co self;
#endif
};

struct misuse {
    struct co co;
    struct child each[2];
};

void misuse(struct co *co, co_body *child);

void misuse(struct co *co, co_body *child)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
        await(race(co, child, self->each, 2));
    }
}
