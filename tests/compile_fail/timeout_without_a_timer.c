/* A time-out's timer is a struct co_timer of the parent's frame, and no coroutine of another kind.
 */
#include "handlers/hi.h"

struct misuse {
    struct co co;
    struct hi hi;
#ifdef REPAIRED
    struct co_timer timer;
#else
    struct hi timer;
#endif
};

void misuse(struct co *co, co_body *hi);

void misuse(struct co *co, co_body *hi)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
        await(timeout(co, &self->timer, 1, hi, &self->hi));
    }
}
