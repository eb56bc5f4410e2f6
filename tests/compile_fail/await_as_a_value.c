/* An await has no value: results are fields of the child's frame. */
#include "async/async.h"

struct misuse {
    struct co co;
    int result;
};

void misuse(struct co *co);

void misuse(struct co *co)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
#ifdef REPAIRED
        await(co_sleep(co, 1));
        self->result = 1;
#else
        self->result = await(co_sleep(co, 1));
#endif
    }
}
