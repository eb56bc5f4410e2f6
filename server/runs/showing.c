#include "server/runs/showing.h"

#include "async/clock.h"
#include "server/http/headers.h"
#include "server/http/problem.h"
#include "server/loop/loop.h"
#include "server/runs/slab.h"

#define FIRST_STEPS 16

/* ---- showing the run ------------------------------------------------------------------------- */

static void finish(struct showing *showing)
{
    showing->finished = true;
    list_remove(&showing->link);
    list_remove(&showing->has_news);
    list_remove(&showing->not_begun);
}

static void start_answer(struct showing *showing, bool is_whole, size_t length)
{
    h2o_req_t *req = showing->req;
    headers_set(req, 200, showing->view->content_type);
    headers_add(req, HEADER_VARY, "Accept");
    if (showing->done)
        headers_add_timing(req, run_elapsed_ns(showing->run));
    if (is_whole)
        req->res.content_length = length;
    else if (req->version < 0x101)
        req->http1_is_persistent = 0; /* no chunks either: where it ends, the connection does */
    showing->started = true;
    h2o_start_response(req, &showing->generator);
}

static void send_piece(struct showing *showing, size_t length, bool is_last)
{
    h2o_iovec_t piece = h2o_iovec_init(showing->piece, length);
    if (is_last)
        finish(showing);
    else
        showing->sending = true;
    /* Its head may have gone out before the drain began. */
    connection_end_if_draining(showing->req);
    request_sends(showing->request);
    bool has_bytes = length > 0 && !showing->is_head;
    h2o_send(showing->req, &piece, has_bytes ? 1 : 0,
             is_last ? H2O_SEND_STATE_FINAL : H2O_SEND_STATE_IN_PROGRESS);
}

/* Sends what can be shown now. The request may be gone when this returns. */
static void go_on(struct showing *showing)
{
    if (showing->sending || showing->finished || (showing->is_head && !showing->done))
        return;
    size_t length = showing->view->write(showing->run, showing->done, &showing->cursor,
                                         showing->piece, showing->piece_bytes);
    bool is_end = showing->cursor.part == VIEW_END;
    if (length == 0 && !is_end)
        return;
    if (!showing->started)
        start_answer(showing, is_end, length);
    send_piece(showing, length, is_end || showing->is_head);
}

static void break_off(struct showing *showing)
{
    finish(showing);
    h2o_send(showing->req, NULL, 0, H2O_SEND_STATE_ERROR);
}

static void on_proceed(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    struct showing *showing = (struct showing *)generator;
    showing->sending = false;
    request_has_sent(showing->request);
    if (showing->failing)
        break_off(showing);
    else
        go_on(showing);
}

static void on_stop(h2o_generator_t *generator, h2o_req_t *req)
{
    (void)req;
    struct showing *showing = (struct showing *)generator;
    showing->was_left = !showing->finished;
    finish(showing);
}

static void run_ended_well(struct showing *showing)
{
    showing->done = true;
    counter_add(&showing->loop->metrics.tasks_done, (uint64_t)showing->tasks);
}

static void on_run_done(struct run *run)
{
    struct showing *showing = run->owner;
    run_ended_well(showing);
    go_on(showing);
}

/* Not sent at once: what is said in the same turn of the loop goes out in one write. */
static void on_run_say(struct run *run)
{
    struct showing *showing = run->owner;
    if (!list_has(&showing->has_news))
        list_append(&showing->loop->has_news, &showing->has_news);
}

void showings_talk(struct loop *loop)
{
    while (!list_is_empty(&loop->has_news)) {
        struct link *first = loop->has_news.next;
        list_remove(first);
        go_on(container_of(first, struct showing, has_news));
    }
}

/* ---- in the cage ----------------------------------------------------------------------------- */

static void on_job_say(struct run *run)
{
    loop_notify(run->owner);
}

static void on_job_return(struct job *job)
{
    struct loop *loop = job->run->owner;
    (void)pthread_mutex_lock(&loop->lock);
    list_append(&loop->returned, &job->link);
    (void)pthread_mutex_unlock(&loop->lock);
    loop_notify(loop);
}

static struct job *take_returned(struct loop *loop)
{
    (void)pthread_mutex_lock(&loop->lock);
    struct link *first = loop->returned.next;
    bool is_empty = list_is_empty(&loop->returned);
    if (!is_empty)
        list_remove(first);
    (void)pthread_mutex_unlock(&loop->lock);
    return is_empty ? NULL : container_of(first, struct job, link);
}

/* The request of a job that was abandoned is gone; of any other it goes on here. */
static void job_returned(struct loop *loop, struct job *job)
{
    struct showing *showing = job->owner;
    loop->jobs_out--;
    if (showing == NULL) {
        slab_free(job, &loop->co_uv);
        return;
    }
    run_ended_well(showing);
    list_remove(&showing->caged);
    go_on(showing);
}

void showings_look_into_cage(struct loop *loop)
{
    list_each(&loop->caged, at)
    {
        struct showing *showing = container_of(at, struct showing, caged);
        if (showing->view->live)
            go_on(showing);
    }
    for (struct job *job; (job = take_returned(loop)) != NULL;)
        job_returned(loop, job);
}

/* ---- the start ------------------------------------------------------------------------------- */

static void start_here(struct showing *showing)
{
    showing->run->owner = showing;
    showing->run->on_done = on_run_done;
    showing->run->on_say = showing->view->live ? on_run_say : NULL;
    run_start(showing->run, &showing->loop->co_uv.loop);
    co_uv_wake(&showing->loop->co_uv);
    list_append(&showing->loop->not_begun, &showing->not_begun);
}

/* Its first steps, which are few for a short request, and no more. */
static void begin(struct showing *showing)
{
    struct run *run = showing->run;
    int steps = FIRST_STEPS;
    showing->loop->co_uv.went_on = true;
    while (steps-- > 0 && run_go_on(run, clock_now_ns()))
        ;
}

void showings_begin(struct loop *loop)
{
    while (!list_is_empty(&loop->not_begun)) {
        struct link *first = loop->not_begun.next;
        list_remove(first);
        begin(container_of(first, struct showing, not_begun));
    }
}

static bool start_in_cage(struct showing *showing, int64_t *retry_after_seconds)
{
    struct loop *loop = showing->loop;
    struct job *job = showing->job;
    job->run = showing->run;
    job->owner = showing;
    job->on_return = on_job_return;
    job->duration_ns = plan_duration_ns(&showing->run->plan);
    showing->run->owner = loop;
    showing->run->on_say = showing->view->live ? on_job_say : NULL;
    if (!cage_submit(&loop->server->cage, job, retry_after_seconds)) {
        showing->done = true; /* it never leaves: freed with the request */
        return false;
    }
    loop->jobs_out++;
    list_append(&loop->caged, &showing->caged);
    return true;
}

bool showing_start(struct showing *showing, int64_t *retry_after_seconds)
{
    showing->generator = (h2o_generator_t){on_proceed, on_stop};
    if (showing->job != NULL && !start_in_cage(showing, retry_after_seconds)) {
        showing->finished = true;
        return false;
    }
    if (showing->job == NULL)
        start_here(showing);
    list_append(&showing->loop->showings, &showing->link);
    counter_add(&showing->loop->metrics.taken_on, 1);
    showing->counted = true;
    return true;
}

bool showing_was_left(const struct showing *showing)
{
    return showing->was_left || !showing->finished;
}

/* ---- the end of a request -------------------------------------------------------------------- */

static void on_large_cancelled(struct run *run)
{
    struct loop *loop = run->owner;
    (void)atomic_fetch_sub(&loop->server->tasks, run->plan.count);
    slab_free(run, &loop->co_uv);
}

/* The request does not wait for it, and its tasks are in flight until they are gone. */
static void leave_large(struct showing *showing, struct run *run)
{
    struct loop *loop = showing->loop;
    if (showing->done) {
        slab_free(run, &loop->co_uv);
        return;
    }
    showing->tasks = 0;
    run->owner = loop;
    run->on_cancelled = on_large_cancelled;
    run_cancel_in_turns(run);
    co_uv_wake(&loop->co_uv);
}

/* Whatever the run waits for, it waits no longer. Shows nothing more of it. */
static void stop_running(struct showing *showing)
{
    struct run *run = showing->run;
    struct job *job = showing->job;
    showing->run = NULL;
    showing->job = NULL;
    list_remove(&showing->caged);
    if (run != NULL && !showing->done)
        counter_add(&showing->loop->metrics.tasks_cancelled, (uint64_t)showing->tasks);
    if (run != NULL && job == NULL && showing->has_slab)
        leave_large(showing, run);
    else if (run != NULL && job == NULL)
        run_cancel(run);
    if (job == NULL)
        return;
    job->owner = NULL;
    if (showing->done)
        slab_free(job, &showing->loop->co_uv);
    else
        cage_abandon(&showing->loop->server->cage, job);
}

void showing_dispose(void *memory)
{
    struct showing *showing = memory;
    finish(showing);
    stop_running(showing);
    (void)atomic_fetch_sub(&showing->loop->server->tasks, showing->tasks);
    counter_add(&showing->loop->metrics.ended, showing->counted);
    headroom_give_back(&showing->loop->headroom, showing->headroom_bytes);
    showing->request->showing = NULL;
}

/* Ends a request whose run is not over, with a problem if nothing was sent yet. */
static void end_early(struct showing *showing, const struct problem *problem)
{
    h2o_req_t *req = showing->req;
    req->http1_is_persistent = 0;
    if (!showing->started) {
        finish(showing);
        problem_send(req, problem);
        return;
    }
    req->res.status = problem->status; /* for the log: the client has its 200 already */
    if (showing->sending)
        showing->failing = true;
    else
        break_off(showing);
}

void showing_client_left(struct showing *showing)
{
    struct problem problem;
    if (showing->finished)
        return;
    counter_add(&showing->loop->metrics.disconnects, 1);
    stop_running(showing);
    (void)refuse(&problem, 499, NULL,
                 "The client closed its side of the connection before the answer was ready.");
    end_early(showing, &problem);
}

void showings_give_up(struct loop *loop)
{
    struct problem problem;
    (void)refuse(&problem, 503, NULL,
                 "awaitd is stopping, and this request did not finish within drain_timeout.");
    problem.retry_after_seconds = 1;
    list_each(&loop->showings, at)
    {
        struct showing *showing = container_of(at, struct showing, link);
        stop_running(showing);
        end_early(showing, &problem);
    }
}
