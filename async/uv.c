#include "async/uv.h"

#include "async/check.h"
#include "async/clock.h"
#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* Long enough for thousands of steps, short enough that no request notices. */
#define SLICE_NS 1000000

/* ---- in each iteration ----------------------------------------------------------------------- */

/* Stops when nobody is due by the time that was read last, and leaves what has become due since to
   the timer: that saves one more look at the clock. */
static void run_slice(struct co_uv *co_uv)
{
    struct co_loop *loop = &co_uv->loop;
    if (co_loop_next_ns(loop) == CO_NEVER)
        return;
    int64_t now_ns = clock_now_ns();
    int64_t end_ns = now_ns + SLICE_NS;
    while (now_ns < end_ns && co_loop_step(loop, now_ns)) {
        co_uv->ran = true;
        if (co_uv->after_step != NULL)
            co_uv->after_step(co_uv);
        if (co_loop_next_ns(loop) > now_ns)
            break;
        now_ns = clock_now_ns();
    }
}

static void do_nothing(uv_idle_t *idle)
{
    (void)idle;
}

/* A timer that is set too early is left alone: to wake up for nothing costs less than to set it.
   To set it also clears its readiness, which saves the read(2) that a timerfd usually needs
   (decision 3). */
static void wait_for_next(struct co_uv *co_uv)
{
    int64_t next_ns = co_loop_next_ns(&co_uv->loop);
    if (next_ns == 0) {
        (void)uv_idle_start(&co_uv->idle, do_nothing);
        return;
    }
    (void)uv_idle_stop(&co_uv->idle);
    if (!co_uv->fired && next_ns >= co_uv->armed_ns)
        return;
    struct itimerspec when = {{0, 0}, {0, 0}}; /* never */
    if (next_ns != CO_NEVER)
        when.it_value = clock_timespec(next_ns);
    int failed = timerfd_settime(co_uv->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    CO_CHECK(failed == 0, "timerfd_settime() refused a deadline");
    co_uv->armed_ns = next_ns;
    co_uv->fired = false;
}

static void on_iteration(uv_check_t *check)
{
    struct co_uv *co_uv = check->data;
    run_slice(co_uv);
    if (co_uv->ran && co_uv->after_iteration != NULL)
        co_uv->after_iteration(co_uv);
    co_uv->ran = false;
    wait_for_next(co_uv);
}

static void on_timer(uv_poll_t *timer, int status, int events)
{
    (void)status;
    (void)events;
    struct co_uv *co_uv = timer->data;
    co_uv->fired = true;
}

void co_uv_wake(struct co_uv *co_uv)
{
    if (co_loop_next_ns(&co_uv->loop) == 0)
        (void)uv_idle_start(&co_uv->idle, do_nothing);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

int co_uv_init(struct co_uv *co_uv, uv_loop_t *uv)
{
    *co_uv = (struct co_uv){.armed_ns = CO_NEVER};
    co_loop_init(&co_uv->loop, clock_now_ns(), NULL);
    co_uv->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (co_uv->timer_fd < 0)
        return -errno;
    int error = uv_poll_init(uv, &co_uv->timer, co_uv->timer_fd);
    if (error != 0) {
        (void)close(co_uv->timer_fd);
        return error;
    }
    co_uv->timer.data = co_uv;
    (void)uv_poll_start(&co_uv->timer, UV_READABLE, on_timer);
    (void)uv_check_init(uv, &co_uv->check);
    co_uv->check.data = co_uv;
    (void)uv_check_start(&co_uv->check, on_iteration);
    (void)uv_idle_init(uv, &co_uv->idle);
    return 0;
}

static void close_timer_fd(uv_handle_t *timer)
{
    struct co_uv *co_uv = timer->data;
    (void)close(co_uv->timer_fd);
}

void co_uv_close(struct co_uv *co_uv)
{
    CO_CHECK(co_uv->loop.live == 0, "a loop was closed while coroutines were alive");
    uv_close((uv_handle_t *)&co_uv->timer, close_timer_fd);
    uv_close((uv_handle_t *)&co_uv->check, NULL);
    uv_close((uv_handle_t *)&co_uv->idle, NULL);
}
