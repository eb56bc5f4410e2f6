#include "async/async.h"
#include "handlers/hi.h"
#include "handlers/say.h"

struct parallel {
    struct co co;
    struct hi each[];
};

/*
 *  async def parallel():
 *      await asyncio.gather(hi(), hi(), hi())
 */
static void parallel(struct co *co)
{
    struct parallel *self = (struct parallel *)co;
    async(co) {
        await(gather(co, hi_of(co), self->each, count_of(co)));
    }
}

const struct endpoint parallel_endpoint = {
    .name = "parallel",
    .takes_count = true,
    .says_each = HI_SAYS,
    .frame_bytes = sizeof(struct parallel),
    .frame_bytes_each = sizeof(struct hi),
    .bodies = {parallel},
};
