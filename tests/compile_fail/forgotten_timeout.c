/* The await left out: the child would never run, and be in time for ever. */
#include "handlers/hi.h"

struct misuse {
    struct co co;
    struct co_timer timer;
    struct hi hi;
};

void misuse(struct co *co, co_body *hi);

void misuse(struct co *co, co_body *hi)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
#ifdef REPAIRED
        attempt(timeout(co, &self->timer, 1, hi, &self->hi));
#else
        timeout(co, &self->timer, 1, hi, &self->hi);
#endif
    }
}
