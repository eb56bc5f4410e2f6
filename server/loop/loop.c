#include "server/loop/loop.h"

/* A loop may have ended while another still runs, or while the cage's thread is on its way here. */
void loop_notify(struct loop *loop)
{
    (void)pthread_mutex_lock(&loop->lock);
    if (!loop->ended)
        (void)uv_async_send(&loop->notified);
    (void)pthread_mutex_unlock(&loop->lock);
}

void loop_post(struct loop *loop, struct letter *letter)
{
    if (mailbox_put(&loop->inbox, letter))
        loop_notify(loop);
}
