/* The await left out: the child would never run. */
#include "handlers/hi.h"

struct misuse {
    struct co co;
    struct hi hi;
};

void misuse(struct co *co, co_body *hi);

void misuse(struct co *co, co_body *hi)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
#ifdef REPAIRED
        await(call(co, hi, &self->hi));
#else
        call(co, hi, &self->hi);
#endif
    }
}
