/* A local is gone after an await: what must survive is a field of the frame. */
#include "async/async.h"

struct misuse {
    struct co co;
    int64_t began_ns;
    int64_t took_ns;
};

void misuse(struct co *co);

void misuse(struct co *co)
{
    struct misuse *self = (struct misuse *)co;
    async(co) {
#ifdef REPAIRED
        self->began_ns = co_now_ns(co);
        await(co_sleep(co, 1));
        self->took_ns = co_now_ns(co) - self->began_ns;
#else
        int64_t began_ns = co_now_ns(co);
        await(co_sleep(co, 1));
        self->took_ns = co_now_ns(co) - began_ns;
#endif
    }
}
