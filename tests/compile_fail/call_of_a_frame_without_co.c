/* A frame begins with its struct co; anything else is not a coroutine's. */
#include "async/async.h"

struct child {
#ifdef REPAIRED
    struct co co;
#endif
    int64_t length_ns;
};

struct misuse {
    struct co co;
    struct child child;
};

void misuse(struct co *co, co_body *child);

void misuse(struct co *co, co_body *child)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
        await(call(co, child, &self->child));
    }
}
