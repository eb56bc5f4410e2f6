/* The await left out: none of the children would ever run, and nobody would be cancelled. */
#include "handlers/hi.h"

struct misuse {
    struct co co;
    struct hi each[3];
};

void misuse(struct co *co, co_body *hi);

void misuse(struct co *co, co_body *hi)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
#ifdef REPAIRED
        await(group(co, hi, self->each, 3));
#else
        group(co, hi, self->each, 3);
#endif
    }
}
