/* The await left out: nobody would run, and nobody win. */
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
        await(race(co, hi, self->each, 3));
#else
        race(co, hi, self->each, 3);
#endif
    }
}
