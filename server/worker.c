#include "server/loop/loop.h"

#include "async/check.h"
#include "async/clock.h"
#include "server/accept/listener.h"
#include "server/guard/goaway.h"
#include "server/guard/sweep.h"
#include "server/http/access_log.h"
#include "server/ports/handover.h"
#include "server/runs/showing.h"

/* How long answers may take to leave once the drain's time is over, before they are cut off. */
#define LAST_WORDS_MS 500

#define DRAIN_SWEEP_MS 50

#define SLOW_TURN_NS 100000000

#define BUFFERS_KEPT 256

/* Operators may look on until the end: their connections do not hold it up. */
static bool is_finished(const struct loop_thread *thread)
{
    const struct connections *connections = &thread->connections;
    return thread->obeyed != COMMAND_SERVE && !listeners_are_open(thread, LISTENERS_OWN) &&
           connections->count == connections->admin_count && thread->jobs_out == 0;
}

static void on_sweep(uv_timer_t *timer)
{
    struct loop_thread *thread = timer->data;
    sweep_connections(thread);
    listeners_resume(thread);
}

/* ---- being told to stop ---------------------------------------------------------------------- */

static void on_deadline(uv_timer_t *timer)
{
    struct loop_thread *thread = timer->data;
    if (thread->killing) {
        connections_kill_all(thread);
    } else {
        thread->killing = true;
        requests_give_up(thread);
        co_uv_wake(&thread->co_uv);
    }
    (void)uv_timer_start(timer, on_deadline, LAST_WORDS_MS, 0);
}

/* ---- leaving the port (handover.h) ----------------------------------------------------------- */

static void on_refused(uv_timer_t *timer)
{
    listeners_close(timer->data, LISTENERS_OWN);
    goodbye_finish(timer->data);
}

static void on_steered(uv_timer_t *timer)
{
    listeners_refuse(timer->data);
    (void)uv_timer_start(timer, on_refused, HANDOVER_REFUSE_MS, 0);
}

static uint64_t handover_ms(const struct loop_thread *thread)
{
    uint64_t timeout_ms = (uint64_t)thread->server->config->drain_timeout_ns / 1000000;
    return timeout_ms < HANDOVER_STEER_MS ? timeout_ms : HANDOVER_STEER_MS;
}

/* ---- obeying --------------------------------------------------------------------------------- */

static void drain(struct loop_thread *thread)
{
    listeners_close(thread, LISTENERS_INHERITED);
    (void)uv_timer_start(&thread->handover, on_steered, handover_ms(thread), 0);
    connections_close_idle(thread);
    goodbye_begin(thread);
    (void)uv_timer_start(&thread->sweep, on_sweep, DRAIN_SWEEP_MS, DRAIN_SWEEP_MS);
    int64_t timeout_ns = thread->server->config->drain_timeout_ns;
    (void)uv_timer_start(&thread->deadline, on_deadline, (uint64_t)timeout_ns / 1000000, 0);
}

static void obey(struct loop_thread *thread, enum command command)
{
    if (thread->obeyed < COMMAND_DRAIN && command >= COMMAND_DRAIN)
        drain(thread);
    if (thread->obeyed < COMMAND_STOP && command == COMMAND_STOP) {
        (void)uv_timer_start(&thread->handover, on_refused, 0, 0);
        (void)uv_timer_start(&thread->deadline, on_deadline, 0, 0);
    }
    thread->obeyed = command;
}

void loop_thread_tell(struct loop_thread *thread, enum command command)
{
    atomic_store(&thread->command, (int)command);
    loop_thread_notify(thread);
}

/* A loop may have ended while another still runs, or while the cage's thread is on its way here. */
void loop_thread_notify(struct loop_thread *thread)
{
    (void)pthread_mutex_lock(&thread->lock);
    if (!thread->ended)
        (void)uv_async_send(&thread->notified);
    (void)pthread_mutex_unlock(&thread->lock);
}

static void on_notified(uv_async_t *async)
{
    struct loop_thread *thread = async->data;
    requests_look_into_cage(thread);
    enum command command = (enum command)atomic_load(&thread->command);
    if (command > thread->obeyed)
        obey(thread, command);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* A turn that takes so long holds up everybody; asyncio's slow_callback_duration is the same. */
static void on_slow_turn(struct loop_thread *thread, int64_t busy_ns)
{
    counter_add(&thread->metrics.slow_turns, 1);
    access_log_slow_turn(thread, busy_ns);
}

static void on_turn_end(uv_prepare_t *prepare)
{
    struct loop_thread *thread = prepare->data;
    quick_streams_end_turn(&thread->streams);
    if (thread->log != NULL)
        log_hand_over(thread->log);
    int64_t now_ns = clock_now_ns();
    uint64_t idle_ns = uv_metrics_idle_time(&thread->uv);
    int64_t busy_ns = now_ns - thread->turn_end_ns - (int64_t)(idle_ns - thread->idle_ns);
    bool is_first = thread->turn_end_ns == 0;
    thread->turn_end_ns = now_ns;
    thread->idle_ns = idle_ns;
    if (is_first)
        return;
    histogram_add(&thread->metrics.turns, &delay_bounds, busy_ns > 0 ? busy_ns : 0);
    if (busy_ns > SLOW_TURN_NS)
        on_slow_turn(thread, busy_ns);
}

static void on_wake(struct co_loop *loop, int64_t late_ns)
{
    struct loop_thread *thread = container_of(loop, struct loop_thread, co_uv.loop);
    histogram_add(&thread->metrics.overshoot, &delay_bounds, late_ns);
}

static void after_step(struct co_uv *co_uv)
{
    quick_streams_tell_written(&container_of(co_uv, struct loop_thread, co_uv)->streams);
}

static void after_iteration(struct co_uv *co_uv)
{
    requests_talk(container_of(co_uv, struct loop_thread, co_uv));
}

static void close_handles(struct loop_thread *thread)
{
    (void)pthread_mutex_lock(&thread->lock);
    thread->ended = true;
    (void)pthread_mutex_unlock(&thread->lock);
    co_uv_close(&thread->co_uv);
    uv_close((uv_handle_t *)&thread->turn_end, NULL);
    connections_close(&thread->connections);
    quick_streams_close(&thread->streams);
    uv_close((uv_handle_t *)&thread->sweep, NULL);
    uv_close((uv_handle_t *)&thread->handover, NULL);
    uv_close((uv_handle_t *)&thread->deadline, NULL);
    uv_close((uv_handle_t *)&thread->notified, NULL);
}

/*
 * A request that waits keeps the buffer that it was read into. libh2o makes it 8 KiB, asks for room
 * for 4 KiB at each read, and lets it grow: half is enough, and the buffers of the last few hundred
 * requests are kept for the next. The prototype is the thread's own.
 */
void loop_thread_enter(void)
{
    h2o_socket_buffer_prototype._initial_buf.capacity = H2O_SOCKET_INITIAL_INPUT_BUFFER_SIZE;
    h2o_socket_buffer_prototype.allocator.max = BUFFERS_KEPT;
}

void loop_thread_finish(struct loop_thread *thread)
{
    while (!is_finished(thread))
        (void)uv_run(&thread->uv, UV_RUN_ONCE);
    listeners_close(thread, LISTENERS_ADMIN);
    connections_kill_all(thread);
    while (thread->connections.count > 0 || thread->co_uv.loop.live > 0)
        (void)uv_run(&thread->uv, UV_RUN_ONCE);
    close_handles(thread);
    goodbye_forget(thread);
    h2o_context_dispose(&thread->h2o);
    (void)uv_run(&thread->uv, UV_RUN_DEFAULT);
    CO_CHECK(uv_loop_close(&thread->uv) == 0, "a loop ended with handles that are not closed");
}

static void *thread_main(void *argument)
{
    struct loop_thread *thread = argument;
    loop_thread_enter();
    loop_thread_finish(thread);
    if (thread->log != NULL)
        log_hand_over(thread->log);
    headroom_close(&thread->headroom);
    (void)eventfd_write(thread->server->threads_done_fd, 1);
    return NULL;
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static int init_handles(struct loop_thread *thread)
{
    int error = co_uv_init(&thread->co_uv, &thread->uv);
    if (error != 0)
        return error;
    thread->co_uv.after_step = after_step;
    thread->co_uv.after_iteration = after_iteration;
    thread->co_uv.loop.on_wake = on_wake;
    quick_streams_init(&thread->streams, &thread->uv);
    (void)uv_prepare_init(&thread->uv, &thread->turn_end);
    thread->turn_end.data = thread;
    (void)uv_prepare_start(&thread->turn_end, on_turn_end);
    (void)uv_timer_init(&thread->uv, &thread->sweep);
    (void)uv_timer_init(&thread->uv, &thread->handover);
    (void)uv_timer_init(&thread->uv, &thread->deadline);
    thread->sweep.data = thread;
    thread->handover.data = thread;
    thread->deadline.data = thread;
    error = uv_async_init(&thread->uv, &thread->notified, on_notified);
    thread->notified.data = thread;
    if (error != 0)
        return error;
    error = connections_init(thread);
    if (error != 0)
        return error;
    uint64_t period_ms = sweep_period_ms(thread);
    return uv_timer_start(&thread->sweep, on_sweep, period_ms, period_ms);
}

int loop_thread_init(struct loop_thread *thread, struct server *server, struct log_buffer *log)
{
    *thread =
        (struct loop_thread){.server = server, .log = log, .accepting = true, .wall_second = -1};
    headroom_init(&thread->headroom, server->thread_count);
    list_init(&thread->requests);
    list_init(&thread->fresh);
    list_init(&thread->caged);
    list_init(&thread->talkative);
    list_init(&thread->returned);
    (void)pthread_mutex_init(&thread->lock, NULL);
    id_source_init(&thread->ids);
    int error = uv_loop_init(&thread->uv);
    if (error != 0)
        return error;
    (void)uv_loop_configure(&thread->uv, UV_METRICS_IDLE_TIME);
    error = init_handles(thread);
    if (error != 0)
        return error;
    h2o_context_init(&thread->h2o, &thread->uv, &server->h2o);
    thread->accept = (h2o_accept_ctx_t){.ctx = &thread->h2o, .hosts = server->h2o.hosts};
    return 0;
}

int loop_thread_start(struct loop_thread *thread)
{
    return pthread_create(&thread->thread, NULL, thread_main, thread);
}
