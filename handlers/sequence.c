#include "async/async.h"
#include "handlers/hi.h"
#include "handlers/say.h"

struct sequence {
    struct co co;
    struct hi hi;
    uint32_t i;
};

/*
 *  async def sequence():
 *      for i in range(3):
 *          await hi()
 */
static void sequence(struct co *co)
{
    struct sequence *self = (struct sequence *)co;
    async(co) {
        for (self->i = 0; self->i < count_of(co); self->i++)
            await(call(co, hi_of(co), &self->hi));
    }
}

const struct endpoint sequence_endpoint = {
    .name = "sequence",
    .takes_count = true,
    .one_by_one = true,
    .says_each = HI_SAYS,
    .frame_bytes = sizeof(struct sequence),
    .bodies = {sequence},
};
