#include "async/check.h"
#include "async/ready_queue.h"
#include "async/sleep_queue.h"
#include "async/task.h"

void co_loop_init(struct co_loop *loop, int64_t now_ns,
                  int64_t (*block_until)(struct co_loop *loop, int64_t until_ns))
{
    *loop = (struct co_loop){.now_ns = now_ns, .block_until = block_until};
}

/* Ready coroutines and due sleepers take turns by one measure: since when they could go on. */
static bool sleeper_is_next(const struct co_loop *loop)
{
    const struct co *sleeper = loop->sleeping.earliest;
    if (sleeper == NULL || sleeper->due_ns > loop->now_ns)
        return false;
    return loop->ready_first == NULL || co_before(sleeper, loop->ready_first);
}

bool co_loop_step(struct co_loop *loop, int64_t now_ns)
{
    CO_CHECK(now_ns >= loop->now_ns, "time went back: give co_loop_step() a monotonic clock");
    loop->now_ns = now_ns;
    if (sleeper_is_next(loop)) {
        struct co *sleeper = loop->sleeping.earliest;
        sleep_queue_remove(&loop->sleeping, sleeper);
        if (loop->on_wake != NULL)
            loop->on_wake(loop, now_ns - sleeper->due_ns);
        co_resume(sleeper);
        return true;
    }
    struct co *ready = loop->ready_first;
    if (ready == NULL)
        return false;
    if (ready->wait == CO_FOR_GATHER && ready->left > 0) {
        co_start_next(ready);
    } else {
        ready_queue_remove(loop, ready);
        co_resume(ready);
    }
    return true;
}

int64_t co_loop_next_ns(const struct co_loop *loop)
{
    if (loop->ready_first != NULL)
        return 0;
    return loop->sleeping.earliest != NULL ? loop->sleeping.earliest->due_ns : CO_NEVER;
}
