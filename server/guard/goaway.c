#include "server/guard/goaway.h"

#include "server/loop/loop.h"

void goaway_begin(struct loop *loop)
{
    loop->h2o.globalconf->http2.callbacks.request_shutdown(&loop->h2o);
}

void goaway_finish(struct loop *loop)
{
    h2o_timeout_entry_t *timer = &loop->h2o.http2._graceful_shutdown_timeout;
    if (!h2o_timeout_is_linked(timer))
        return;
    h2o_timeout_unlink(timer);
    timer->cb(timer);
}

void goaway_forget(struct loop *loop)
{
    h2o_timeout_unlink(&loop->h2o.http2._graceful_shutdown_timeout);
}
