#include "server/loop/loop.h"

#include "async/check.h"
#include "async/clock.h"
#include "server/accept/listener.h"
#include "server/guard/goaway.h"
#include "server/guard/sweep.h"
#include "server/ports/handover.h"
#include "server/runs/showing.h"
#include "server/telemetry/notice.h"

/* How long answers may take to leave once the drain's time is over, before they are cut off. */
#define LAST_WORDS_MS 500

#define DRAIN_SWEEP_MS 50

#define SLOW_TURN_NS 100000000

#define BUFFERS_KEPT 256

/* Operators may look on until the end: their connections do not hold it up. */
static bool is_finished(const struct loop *loop)
{
    const struct connections *connections = &loop->connections;
    return loop->obeyed != COMMAND_SERVE && !listeners_are_open(loop, LISTENERS_OWN) &&
           connections->count == connections->admin_count && loop->jobs_out == 0;
}

static void on_sweep(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    sweep_connections(loop);
    listeners_resume(loop);
}

/* ---- being told to stop ---------------------------------------------------------------------- */

static void on_deadline(uv_timer_t *timer)
{
    struct loop *loop = timer->data;
    if (loop->killing) {
        connections_kill_all(loop);
    } else {
        loop->killing = true;
        showings_give_up(loop);
        co_uv_wake(&loop->co_uv);
    }
    (void)uv_timer_start(timer, on_deadline, LAST_WORDS_MS, 0);
}

/* ---- leaving the port (handover.h) ----------------------------------------------------------- */

static void on_refused(uv_timer_t *timer)
{
    listeners_close(timer->data, LISTENERS_OWN);
    goaway_finish(timer->data);
}

static void on_steered(uv_timer_t *timer)
{
    listeners_refuse(timer->data);
    (void)uv_timer_start(timer, on_refused, HANDOVER_REFUSE_MS, 0);
}

static uint64_t handover_ms(const struct loop *loop)
{
    uint64_t timeout_ms = (uint64_t)loop->server->config->drain_timeout_ns / 1000000;
    return timeout_ms < HANDOVER_STEER_MS ? timeout_ms : HANDOVER_STEER_MS;
}

/* ---- obeying --------------------------------------------------------------------------------- */

static void drain(struct loop *loop)
{
    listeners_close(loop, LISTENERS_INHERITED);
    (void)uv_timer_start(&loop->handover, on_steered, handover_ms(loop), 0);
    connections_close_idle(loop);
    goaway_begin(loop);
    (void)uv_timer_start(&loop->sweep, on_sweep, DRAIN_SWEEP_MS, DRAIN_SWEEP_MS);
    int64_t timeout_ns = loop->server->config->drain_timeout_ns;
    (void)uv_timer_start(&loop->deadline, on_deadline, (uint64_t)timeout_ns / 1000000, 0);
}

static void obey(struct loop *loop, enum command command)
{
    if (loop->obeyed < COMMAND_DRAIN && command >= COMMAND_DRAIN)
        drain(loop);
    if (loop->obeyed < COMMAND_STOP && command == COMMAND_STOP) {
        (void)uv_timer_start(&loop->handover, on_refused, 0, 0);
        (void)uv_timer_start(&loop->deadline, on_deadline, 0, 0);
    }
    loop->obeyed = command;
}

void loop_tell(struct loop *loop, enum command command)
{
    atomic_store(&loop->command, (int)command);
    loop_notify(loop);
}

/* A loop may have ended while another still runs, or while the cage's thread is on its way here. */
void loop_notify(struct loop *loop)
{
    (void)pthread_mutex_lock(&loop->lock);
    if (!loop->ended)
        (void)uv_async_send(&loop->notified);
    (void)pthread_mutex_unlock(&loop->lock);
}

static void on_notified(uv_async_t *async)
{
    struct loop *loop = async->data;
    showings_look_into_cage(loop);
    enum command command = (enum command)atomic_load(&loop->command);
    if (command > loop->obeyed)
        obey(loop, command);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* A turn that takes so long holds up everybody; asyncio's slow_callback_duration is the same. */
static void on_slow_turn(struct loop *loop, int64_t busy_ns)
{
    counter_add(&loop->metrics.slow_turns, 1);
    notice_slow_turn(loop->log, (int)(loop - loop->server->loops), busy_ns);
}

static void on_turn_end(uv_prepare_t *prepare)
{
    struct loop *loop = prepare->data;
    quick_streams_end_turn(&loop->streams);
    if (loop->log != NULL)
        log_hand_over(loop->log);
    int64_t now_ns = clock_now_ns();
    uint64_t idle_ns = uv_metrics_idle_time(&loop->uv);
    int64_t busy_ns = now_ns - loop->turn_end_ns - (int64_t)(idle_ns - loop->idle_ns);
    bool is_first = loop->turn_end_ns == 0;
    loop->turn_end_ns = now_ns;
    loop->idle_ns = idle_ns;
    if (is_first)
        return;
    histogram_add(&loop->metrics.turns, &delay_bounds, busy_ns > 0 ? busy_ns : 0);
    if (busy_ns > SLOW_TURN_NS)
        on_slow_turn(loop, busy_ns);
}

static void on_wake(struct co_loop *co_loop, int64_t late_ns)
{
    struct loop *loop = container_of(co_loop, struct loop, co_uv.loop);
    histogram_add(&loop->metrics.overshoot, &delay_bounds, late_ns);
}

static void after_step(struct co_uv *co_uv)
{
    quick_streams_tell_written(&container_of(co_uv, struct loop, co_uv)->streams);
}

static void after_turn(struct co_uv *co_uv)
{
    showings_talk(container_of(co_uv, struct loop, co_uv));
}

static void close_handles(struct loop *loop)
{
    (void)pthread_mutex_lock(&loop->lock);
    loop->ended = true;
    (void)pthread_mutex_unlock(&loop->lock);
    co_uv_close(&loop->co_uv);
    uv_close((uv_handle_t *)&loop->turn_end, NULL);
    connections_close(&loop->connections);
    quick_streams_close(&loop->streams);
    uv_close((uv_handle_t *)&loop->sweep, NULL);
    uv_close((uv_handle_t *)&loop->handover, NULL);
    uv_close((uv_handle_t *)&loop->deadline, NULL);
    uv_close((uv_handle_t *)&loop->notified, NULL);
}

/*
 * A request that waits keeps the buffer that it was read into. libh2o makes it 8 KiB, asks for room
 * for 4 KiB at each read, and lets it grow: half is enough, and the buffers of the last few hundred
 * requests are kept for the next. The prototype is the thread's own.
 */
void loop_enter(void)
{
    h2o_socket_buffer_prototype._initial_buf.capacity = H2O_SOCKET_INITIAL_INPUT_BUFFER_SIZE;
    h2o_socket_buffer_prototype.allocator.max = BUFFERS_KEPT;
}

void loop_finish(struct loop *loop)
{
    while (!is_finished(loop))
        (void)uv_run(&loop->uv, UV_RUN_ONCE);
    listeners_close(loop, LISTENERS_ADMIN);
    connections_kill_all(loop);
    while (loop->connections.count > 0 || loop->co_uv.loop.live > 0)
        (void)uv_run(&loop->uv, UV_RUN_ONCE);
    close_handles(loop);
    goaway_forget(loop);
    h2o_context_dispose(&loop->h2o);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    CO_CHECK(uv_loop_close(&loop->uv) == 0, "a loop ended with handles that are not closed");
}

static void *thread_main(void *argument)
{
    struct loop *loop = argument;
    loop_enter();
    loop_finish(loop);
    if (loop->log != NULL)
        log_hand_over(loop->log);
    headroom_close(&loop->headroom);
    (void)eventfd_write(loop->server->loops_done_fd, 1);
    return NULL;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static int init_handles(struct loop *loop)
{
    int error = co_uv_init(&loop->co_uv, &loop->uv);
    if (error != 0)
        return error;
    loop->co_uv.after_step = after_step;
    loop->co_uv.after_turn = after_turn;
    loop->co_uv.loop.on_wake = on_wake;
    quick_streams_init(&loop->streams, &loop->uv);
    (void)uv_prepare_init(&loop->uv, &loop->turn_end);
    loop->turn_end.data = loop;
    (void)uv_prepare_start(&loop->turn_end, on_turn_end);
    (void)uv_timer_init(&loop->uv, &loop->sweep);
    (void)uv_timer_init(&loop->uv, &loop->handover);
    (void)uv_timer_init(&loop->uv, &loop->deadline);
    loop->sweep.data = loop;
    loop->handover.data = loop;
    loop->deadline.data = loop;
    error = uv_async_init(&loop->uv, &loop->notified, on_notified);
    loop->notified.data = loop;
    if (error != 0)
        return error;
    error = connections_init(loop);
    if (error != 0)
        return error;
    uint64_t period_ms = sweep_period_ms(loop);
    return uv_timer_start(&loop->sweep, on_sweep, period_ms, period_ms);
}

int loop_init(struct loop *loop, struct server *server, struct log_buffer *log)
{
    *loop = (struct loop){.server = server, .log = log, .accepting = true};
    headroom_init(&loop->headroom, server->loop_count);
    list_init(&loop->showings);
    list_init(&loop->not_begun);
    list_init(&loop->caged);
    list_init(&loop->has_news);
    list_init(&loop->returned);
    (void)pthread_mutex_init(&loop->lock, NULL);
    id_source_init(&loop->ids);
    int error = uv_loop_init(&loop->uv);
    if (error != 0)
        return error;
    (void)uv_loop_configure(&loop->uv, UV_METRICS_IDLE_TIME);
    error = init_handles(loop);
    if (error != 0)
        return error;
    h2o_context_init(&loop->h2o, &loop->uv, &server->h2o);
    loop->accept = (h2o_accept_ctx_t){.ctx = &loop->h2o, .hosts = server->h2o.hosts};
    return 0;
}

int loop_start(struct loop *loop)
{
    return pthread_create(&loop->thread, NULL, thread_main, loop);
}
