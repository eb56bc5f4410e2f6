#include "handlers/hi.h"
#include "handlers/run.h"

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

static size_t frame_bytes(uint32_t count)
{
    return sizeof(struct parallel) + count * sizeof(struct hi);
}

const struct endpoint parallel_endpoint = {
    .name = "parallel",
    .takes_count = true,
    .frame_bytes = frame_bytes,
    .bodies = {parallel, parallel, parallel},
};
