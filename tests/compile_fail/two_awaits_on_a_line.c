/* The line is what an await remembers. */
#include "async/async.h"

void misuse(struct co *co);

void misuse(struct co *co)
{
    async(co) {
        /* clang-format off */
#ifdef REPAIRED
        await(co_sleep(co, 1));
        await(co_sleep(co, 2));
#else
        await(co_sleep(co, 1)); await(co_sleep(co, 2));
#endif
        /* clang-format on */
    }
}
