#include "handlers/hi.h"
#include "async/async.h"
#include "handlers/say.h"

/*
 *  async def hi():
 *      print("Hello")
 *      await asyncio.sleep(1)
 *      print("World")
 */
static void hi(struct co *co)
{
    async(co) {
        say(co, "Hello");
        await(co_sleep(co, delay_of(co)));
        say(co, "World");
    }
}

/*
 *  async def hi():
 *      print("Hello")
 *      time.sleep(1)           # blocks: no other task of this loop goes on meanwhile
 *      print("World")
 */
static void hi_blocking(struct co *co)
{
    async(co) {
        say(co, "Hello");
        block(co, delay_of(co));
        say(co, "World");
    }
}

/*
 *  async def hi():
 *      print("Hello")
 *      asyncio.sleep(1)        # RuntimeWarning: coroutine 'sleep' was never awaited
 *      print("World")
 */
static void hi_forgotten(struct co *co)
{
    async(co) {
        say(co, "Hello");
        /* In C the compiler already warns; it takes a variable to silence it. */
        struct co_wait nobody_awaits_it = co_sleep(co, delay_of(co));
        (void)nobody_awaits_it;
        say(co, "World");
    }
}

const struct endpoint hi_endpoint = {
    .name = "hi",
    .says_each = HI_SAYS,
    .frame_bytes = sizeof(struct hi),
    .bodies = {hi, hi_blocking, hi_forgotten},
};

co_body *hi_of(const struct co *co)
{
    return hi_endpoint.bodies[sleep_of(co)];
}
