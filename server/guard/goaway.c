#include "server/guard/goaway.h"

#include "server/loop/loop.h"

void goodbye_begin(struct loop_thread *thread)
{
    thread->h2o.globalconf->http2.callbacks.request_shutdown(&thread->h2o);
}

void goodbye_finish(struct loop_thread *thread)
{
    h2o_timeout_entry_t *timer = &thread->h2o.http2._graceful_shutdown_timeout;
    if (!h2o_timeout_is_linked(timer))
        return;
    h2o_timeout_unlink(timer);
    timer->cb(timer);
}

void goodbye_forget(struct loop_thread *thread)
{
    h2o_timeout_unlink(&thread->h2o.http2._graceful_shutdown_timeout);
}
