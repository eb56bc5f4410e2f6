#include "server/worker.h"

#include "async/check.h"
#include "async/clock.h"
#include "server/api/live.h"
#include "server/api/live_events.h"
#include "server/api/metrics_text.h"
#include "server/guard/head.h"
#include "server/guard/sweep.h"
#include "server/http2/http2.h"
#include "server/recorder/recorder.h"
#include "server/runs/here.h"
#include "server/runs/in_cage.h"
#include "server/runs/showing.h"
#include "server/telemetry/notices.h"
#include "text/duration.h"
#include <sys/eventfd.h>

/* Once the drain's time is over, answers may take so long to leave before they are cut off. */
#define LAST_WORDS_MS 500

/* A drain waits for what the sweep finds, so it looks more often. */
#define DRAIN_SWEEP_MS 50

/* From refusing new handshakes to closing a port: the rest of one that has begun. */
#define LEAVE_MS 20

/* Longer ones are counted, and logged. */
#define SLOW_ITERATION_NS (100 * NS_PER_MS)

/* Input buffers that wait for the next requests. */
#define BUFFERS_KEPT 256

/* ---- being told to stop ---------------------------------------------------------------------- */

static void on_sweep(uv_timer_t *timer)
{
    struct worker *worker = timer->data;
    sweep_connections(&worker->loop);
    listeners_resume(&worker->listeners);
}

static void on_leave(uv_timer_t *timer)
{
    struct worker *worker = timer->data;
    listeners_close(&worker->listeners, LISTENERS_OWN);
}

/* At first all runs are given up. Whatever has not left by the next time is cut off, again and
   again until nothing is open. */
static void on_deadline(uv_timer_t *timer)
{
    struct worker *worker = timer->data;
    struct loop *loop = &worker->loop;
    if (loop->killing) {
        sweep_kill_all(loop);
    } else {
        loop->killing = true;
        list_each(&loop->connections.open, at)
            counter_add(&loop->metrics->cut_off,
                        (uint64_t)container_of(at, struct connection, link)->in_flight);
        showings_give_up(loop);
        co_uv_wake(&loop->co_uv);
    }
    (void)uv_timer_start(timer, on_deadline, LAST_WORDS_MS, 0);
}

/* docs/decisions/0010-leaving-a-port.md: why the ports are refused first and left later. */
static void drain(struct worker *worker)
{
    struct loop *loop = &worker->loop;
    uint64_t timeout_ms = (uint64_t)(loop->config->drain_timeout_ns / NS_PER_MS);
    loop->draining = true;
    listeners_close(&worker->listeners, LISTENERS_INHERITED);
    listeners_refuse(&worker->listeners);
    (void)uv_timer_start(&worker->leave, on_leave, LEAVE_MS, 0);
    sweep_begin_grace(loop);
    (void)uv_timer_start(&worker->sweep, on_sweep, DRAIN_SWEEP_MS, DRAIN_SWEEP_MS);
    http2_drain(loop);
    live_drain(loop);
    (void)uv_timer_start(&worker->deadline, on_deadline, timeout_ms, 0);
}

void worker_tell(struct worker *worker, enum command command)
{
    atomic_store(&worker->command, (int)command);
    loop_notify(&worker->loop);
}

static void on_notified(uv_async_t *async)
{
    struct worker *worker = async->data;
    in_cage_look(&worker->loop);
    live_read(&worker->loop);
    showings_talk(&worker->loop);
    enum command command = (enum command)atomic_load(&worker->command);
    if (worker->obeyed < COMMAND_DRAIN && command >= COMMAND_DRAIN)
        drain(worker);
    if (worker->obeyed < COMMAND_STOP && command == COMMAND_STOP) {
        (void)uv_timer_start(&worker->leave, on_leave, 0, 0);
        (void)uv_timer_start(&worker->deadline, on_deadline, 0, 0);
    }
    worker->obeyed = command;
}

/* ---- the moments of an iteration ------------------------------------------------------------- */

static void on_iterated(uv_prepare_t *prepare)
{
    struct worker *worker = prepare->data;
    struct loop *loop = &worker->loop;
    http2_write_all(loop);
    quick_streams_end_iteration(&loop->streams);
    http2_write_all(loop);
    metrics_forget(loop);
    if (loop->connections.has_closed) {
        loop->connections.has_closed = false;
        listeners_resume(&worker->listeners);
    }
    if (loop->log != NULL)
        log_hand_over(loop->log);
    /* An iteration that takes long holds up everybody; asyncio warns of the same, by its
       slow_callback_duration. */
    int64_t now_ns = clock_now_ns();
    uint64_t idle_ns = uv_metrics_idle_time(&loop->uv);
    int64_t busy_ns = now_ns - worker->iterated_at_ns - (int64_t)(idle_ns - worker->idle_ns);
    bool is_first = worker->iterated_at_ns == 0;
    worker->iterated_at_ns = now_ns;
    worker->idle_ns = idle_ns;
    if (is_first)
        return;
    histogram_add(&loop->metrics->iterations, &delay_bounds, busy_ns > 0 ? busy_ns : 0);
    if (busy_ns <= SLOW_ITERATION_NS)
        return;
    counter_add(&loop->metrics->slow_iterations, 1);
    if (loop->tape != NULL)
        tape_late(loop->tape, busy_ns);
    notice_slow_iteration(loop->log, (int)(loop->metrics - loop->shared->metrics), busy_ns);
}

static void on_handled(struct quick_streams *streams)
{
    struct loop *loop = container_of(streams, struct loop, streams);
    here_begin(loop);
    http2_write_all(loop);
}

static void on_tape_timer(uv_timer_t *timer)
{
    tape_hand_over(container_of(timer, struct loop, tape_timer)->tape);
}

static void on_first_note(struct tape *tape)
{
    struct loop *loop = tape->owner;
    (void)uv_timer_start(&loop->tape_timer, on_tape_timer, TAPE_MS, 0);
}

static void on_wake(struct co_loop *co_loop, int64_t late_ns)
{
    struct loop *loop = container_of(co_loop, struct loop, co_uv.loop);
    histogram_add(&loop->metrics->overshoot, &delay_bounds, late_ns);
}

static void after_step(struct co_uv *co_uv)
{
    quick_streams_tell_written(&container_of(co_uv, struct loop, co_uv)->streams);
}

static void after_iteration(struct co_uv *co_uv)
{
    struct loop *loop = container_of(co_uv, struct loop, co_uv);
    showings_talk(loop);
    http2_write_all(loop);
}

/* ---- turning it ------------------------------------------------------------------------------ */

/*
 * A request that waits keeps the buffer that it was read into. libh2o makes it 8 KiB, asks for room
 * for 4 KiB at each read, and lets it grow: half is enough, and the buffers of the last few hundred
 * requests are kept for the next. The prototype is the thread's own.
 */
void worker_enter(void)
{
    h2o_socket_buffer_prototype._initial_buf.capacity = H2O_SOCKET_INITIAL_INPUT_BUFFER_SIZE;
    h2o_socket_buffer_prototype.allocator.max = BUFFERS_KEPT;
}

/* Operators may look on until the end: their connections do not hold it up. */
static bool is_finished(const struct worker *worker)
{
    const struct loop *loop = &worker->loop;
    return worker->obeyed != COMMAND_SERVE &&
           !listeners_are_open(&worker->listeners, LISTENERS_OWN) &&
           loop->connections.count == loop->connections.admin_count && loop->jobs_out == 0;
}

void worker_finish(struct worker *worker)
{
    struct loop *loop = &worker->loop;
    while (!is_finished(worker))
        (void)uv_run(&loop->uv, UV_RUN_ONCE);
    listeners_close(&worker->listeners, LISTENERS_ADMIN);
    sweep_kill_all(loop);
    while (loop->connections.count > 0 || loop->co_uv.loop.live > 0 || loop->letters_out > 0)
        (void)uv_run(&loop->uv, UV_RUN_ONCE);
    (void)pthread_mutex_lock(&loop->lock);
    loop->ended = true;
    (void)pthread_mutex_unlock(&loop->lock);
    co_uv_close(&loop->co_uv);
    connections_close(loop);
    quick_streams_close(&loop->streams);
    uv_close((uv_handle_t *)&loop->notified, NULL);
    uv_close((uv_handle_t *)&loop->tape_timer, NULL);
    uv_close((uv_handle_t *)&worker->iterated, NULL);
    uv_close((uv_handle_t *)&worker->sweep, NULL);
    uv_close((uv_handle_t *)&worker->leave, NULL);
    uv_close((uv_handle_t *)&worker->deadline, NULL);
    http2_close(loop);
    h2o_context_dispose(&loop->h2o);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    CO_CHECK(uv_loop_close(&loop->uv) == 0, "a loop ended with handles that are not closed");
}

static void *thread_main(void *argument)
{
    struct worker *worker = argument;
    worker_enter();
    worker_finish(worker);
    if (worker->loop.log != NULL)
        log_hand_over(worker->loop.log);
    (void)eventfd_write(worker->ended_fd, 1);
    return NULL;
}

int worker_start(struct worker *worker)
{
    return pthread_create(&worker->thread, NULL, thread_main, worker);
}

/* HTTP/2 reads all the time and sees it for itself, but for when it is held up. */
static void on_left(struct connection *connection)
{
    if (connection->http2 != NULL)
        http2_client_left(connection);
    else if (connection->request != NULL && connection->request->stream != NULL)
        live_client_left(connection);
    else
        showing_client_left(connection);
}

/* ---- set-up ---------------------------------------------------------------------------------- */

static int init_handles(struct worker *worker)
{
    struct loop *loop = &worker->loop;
    uv_timer_t *timers[] = {&worker->sweep, &worker->leave, &worker->deadline};
    int error = co_uv_init(&loop->co_uv, &loop->uv);
    if (error == 0)
        error = uv_async_init(&loop->uv, &loop->notified, on_notified);
    if (error == 0)
        error = connections_init(loop);
    if (error != 0)
        return error;
    loop->notified.data = worker;
    loop->connections.on_left = on_left;
    loop->co_uv.after_step = after_step;
    loop->co_uv.after_iteration = after_iteration;
    loop->co_uv.loop.on_wake = on_wake;
    quick_streams_init(&loop->streams, &loop->uv);
    loop->streams.on_wanted = head_watch;
    loop->streams.on_unwanted = connection_look;
    loop->streams.on_handled = on_handled;
    (void)uv_prepare_init(&loop->uv, &worker->iterated);
    worker->iterated.data = worker;
    (void)uv_prepare_start(&worker->iterated, on_iterated);
    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++) {
        (void)uv_timer_init(&loop->uv, timers[i]);
        timers[i]->data = worker;
    }
    (void)uv_timer_init(&loop->uv, &loop->tape_timer);
    uint64_t period_ms = sweep_period_ms(loop->config);
    return uv_timer_start(&worker->sweep, on_sweep, period_ms, period_ms);
}

int worker_init(struct worker *worker, struct shared *shared, int index, int ended_fd)
{
    bool logs = shared->config->log != CONFIG_LOG_OFF;
    *worker = (struct worker){.ended_fd = ended_fd};
    struct loop *loop = &worker->loop;
    loop->shared = shared;
    loop->config = shared->config;
    loop->metrics = &shared->metrics[index];
    loop->log = logs ? &shared->log.buffers[index] : NULL;
    worker->listeners.loop = loop;
    loop->tape = recorder_tape(shared->recorder, index);
    if (loop->tape != NULL) {
        loop->tape->owner = loop;
        loop->tape->on_first = on_first_note;
    }
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
    error = http2_init(loop) ? init_handles(worker) : UV_ENOMEM;
    if (error != 0)
        return error;
    h2o_context_init(&loop->h2o, &loop->uv, &shared->h2o);
    loop->accept = (h2o_accept_ctx_t){.ctx = &loop->h2o, .hosts = shared->h2o.hosts};
    return 0;
}
